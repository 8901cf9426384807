//! A bare connection, set up as the backplane sets up its own.

use anyhow::Result;
use rusqlite::Connection;
use std::path::Path;

pub(super) fn open(file: &Path) -> Result<Connection> {
    let connection = Connection::open(file)?;
    for (pragma, value) in [("synchronous", "FULL"), ("foreign_keys", "ON"), ("recursive_triggers", "ON")] {
        connection.pragma_update(None, pragma, value)?;
    }
    // As much cache, and as long a log. The connections of a process share what they cache.
    connection.pragma_update(None, "cache_size", -(32 << 10))?;
    connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}
