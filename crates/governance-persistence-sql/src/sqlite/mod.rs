//! SQLite: one writer that commits in groups, and a pool of readers beside it.

mod busy;
mod commit;
mod ephemeral;
mod file;
mod head;
mod insert;
mod queue;
mod reader;
mod replicate;
mod work;

use crate::provider::sqlite_path;
use crate::{SqlOptions, migrations};
use governance_persistence::{Error, Result};
use sea_orm::DatabaseConnection;

pub(crate) use queue::Queue;

/// Connects to the file, which must have the schema: the writer and the readers.
pub(crate) async fn connect(options: &SqlOptions) -> Result<(Queue, DatabaseConnection)> {
    if !sqlite_path(options.url())?.exists() {
        // Refused before an empty file is created.
        check_can_exist(options).await?;
        return Err(migrations::not_migrated("the file does not exist yet"));
    }
    let connection = open(options).await?;
    let readers = reader::pool(options).await?;
    migrations::check_up_to_date(&readers).await?;
    Ok((Queue::start(connection, options)?, readers))
}

/// Opens the file for a migration; creates it when absent.
pub(crate) async fn connect_to_migrate(options: &SqlOptions) -> Result<DatabaseConnection> {
    drop(open(options).await?);
    reader::migrating(options).await
}

async fn open(options: &SqlOptions) -> Result<rusqlite::Connection> {
    let options = options.clone();
    blocking(move || file::open(&options)).await
}

async fn check_can_exist(options: &SqlOptions) -> Result<()> {
    let path = sqlite_path(options.url())?;
    blocking(move || file::check_path(&path)).await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let joined = tokio::task::spawn_blocking(work).await;
    joined.unwrap_or_else(|error| {
        Err(Error::Backend { reason: "opening the file was broken off".into(), source: Some(Box::new(error)) })
    })
}
