//! The connections that read, in a pool.

use crate::SqlOptions;
use crate::error::of_sea_orm;
use crate::provider::sqlite_path;
use governance_persistence::Result;
use sea_orm::{DatabaseConnection, DbErr, RuntimeErr, SqlxSqliteConnector};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use std::sync::Arc;

/// A pool of connections that can only read.
pub(crate) async fn pool(options: &SqlOptions) -> Result<DatabaseConnection> {
    connect(options, connect_options(options)?.pragma("query_only", "ON"), options.get_max_connections()).await
}

/// The one connection that migrates.
pub(crate) async fn migrating(options: &SqlOptions) -> Result<DatabaseConnection> {
    connect(options, connect_options(options)?, 1).await
}

fn connect_options(options: &SqlOptions) -> Result<SqliteConnectOptions> {
    use sqlx::ConnectOptions;
    let path = sqlite_path(options.url())?;
    let connect = SqliteConnectOptions::new().filename(path).create_if_missing(false).foreign_keys(true);
    Ok(connect.busy_timeout(options.get_busy_timeout()).pragma("recursive_triggers", "ON").disable_statement_logging())
}

async fn connect(options: &SqlOptions, connect: SqliteConnectOptions, size: u32) -> Result<DatabaseConnection> {
    let pool = SqlitePoolOptions::new()
        .max_connections(size)
        .acquire_timeout(options.get_acquire_timeout())
        // A file does not hang up.
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(connect)
        .await
        .map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))))
        .map_err(|error| of_sea_orm("connecting", error))?;
    Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
}
