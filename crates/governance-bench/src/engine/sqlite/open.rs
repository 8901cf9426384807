//! A bare connection, set up as the backplane sets up its own.

use anyhow::Result;
use rusqlite::Connection;
use std::path::Path;

pub(super) fn open(file: &Path) -> Result<Connection> {
    let connection = Connection::open(file)?;
    for (pragma, value) in [("synchronous", "FULL"), ("foreign_keys", "ON"), ("recursive_triggers", "ON")] {
        connection.pragma_update(None, pragma, value)?;
    }
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}
