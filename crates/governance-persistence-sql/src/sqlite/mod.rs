//! SQLite: one writer that commits in groups, and a pool of readers beside it.

mod busy;
mod commit;
mod ephemeral;
mod failure;
mod file;
mod head;
mod identity;
mod insert;
mod queue;
mod reader;
mod replicate;
mod session;
mod work;
mod writer;

use crate::pool::Connections;
use crate::provider::sqlite_path;
use crate::{SqlOptions, migrations};
use governance_persistence::{Error, Result};
use sea_orm::DatabaseConnection;

pub(crate) use identity::FileIdentity;
pub(crate) use queue::Queue;

/// What it takes to read and write a file.
pub(crate) struct Connected {
    pub(crate) queue: Queue,
    pub(crate) readers: Connections,
    pub(crate) file: FileIdentity,
}

/// Connects to the file, which must have the schema. A file that is refused stays as it was.
pub(crate) async fn connect(options: &SqlOptions) -> Result<Connected> {
    if !exists(options).await? {
        return Err(migrations::not_migrated("the file does not exist yet"));
    }
    let readers = reader::pool(options).await?;
    let connected = async {
        migrations::check_up_to_date(&readers).await?;
        let connection = open(options).await?;
        let file = FileIdentity::of(sqlite_path(options.url())?);
        Ok((Queue::start(connection, file.clone(), options)?, file))
    };
    match connected.await {
        Ok((queue, file)) => Ok(Connected { queue, readers, file }),
        Err(error) => {
            readers.close().await;
            Err(error)
        }
    }
}

/// Opens the file to see which migrations it has; `None` when it does not exist.
pub(crate) async fn connect_to_read(options: &SqlOptions) -> Result<Option<DatabaseConnection>> {
    if exists(options).await? { reader::one(options).await.map(Some) } else { Ok(None) }
}

async fn exists(options: &SqlOptions) -> Result<bool> {
    let path = sqlite_path(options.url())?;
    blocking(move || file::exists(&path)).await
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

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let joined = tokio::task::spawn_blocking(work).await;
    joined.unwrap_or_else(|error| {
        Err(Error::Backend { reason: "opening the file was broken off".into(), source: Some(Box::new(error)) })
    })
}
