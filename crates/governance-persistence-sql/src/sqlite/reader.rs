//! The connections that read, in a pool.

use crate::SqlOptions;
use crate::error::of_sea_orm;
use crate::pool::{Connections, Failed, Opener, Pool};
use crate::provider::sqlite_path;
use governance_persistence::Result;
use sea_orm::{DatabaseConnection, SqlxSqliteConnector};
use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

/// A pool of connections that can only read.
pub(crate) async fn pool(options: &SqlOptions) -> Result<Connections> {
    let connect = reading(options)?;
    let opener = Opener::new(options, move || {
        let connect = connect.clone();
        Box::pin(async move { connect.connect().await })
    });
    let pool = Pool::new(opener, options)?;
    pool.ping().await.map_err(|failed| of_sea_orm("connecting", failed.into()))?;
    Ok(Connections::Sqlite(pool))
}

/// One connection that can only read.
pub(crate) async fn one(options: &SqlOptions) -> Result<DatabaseConnection> {
    single(options, reading(options)?).await
}

/// The one connection that migrates.
pub(crate) async fn migrating(options: &SqlOptions) -> Result<DatabaseConnection> {
    single(options, connect_options(options)?).await
}

async fn single(options: &SqlOptions, connect: SqliteConnectOptions) -> Result<DatabaseConnection> {
    let pool = SqlitePoolOptions::new().max_connections(1).acquire_timeout(options.get_acquire_timeout());
    // A file does not hang up.
    let pool = pool.test_before_acquire(false).idle_timeout(None).max_lifetime(None).connect_with(connect).await;
    let pool = pool.map_err(|error| of_sea_orm("connecting", Failed::NoConnection(error).into()))?;
    Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
}

fn reading(options: &SqlOptions) -> Result<SqliteConnectOptions> {
    Ok(connect_options(options)?.pragma("query_only", "ON"))
}

fn connect_options(options: &SqlOptions) -> Result<SqliteConnectOptions> {
    let path = sqlite_path(options.url())?;
    let connect = SqliteConnectOptions::new().filename(path).create_if_missing(false).foreign_keys(true);
    Ok(connect.busy_timeout(options.get_busy_timeout()).pragma("recursive_triggers", "ON").disable_statement_logging())
}
