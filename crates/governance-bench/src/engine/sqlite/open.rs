//! Bare connections, set up as the backplane sets up its own.

use anyhow::Result;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// As the writer has it: synced with each commit, as much cache, as long a log.
pub(super) fn to_write(file: &Path) -> Result<Connection> {
    let connection = open(file)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -(32 << 10))?;
    connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    connection.pragma_update(None, "journal_size_limit", 32 << 20)?;
    Ok(connection)
}

/// As a reader has it, with the cache that SQLite gives by itself.
pub(super) fn to_read(file: &Path) -> Result<Connection> {
    let connection = open(file)?;
    connection.pragma_update(None, "query_only", "ON")?;
    Ok(connection)
}

fn open(file: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.pragma_update(None, "recursive_triggers", "ON")?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_file_then_only_what_was_opened_to_write_writes() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("some.db");
        Connection::open(&file)?.execute_batch("PRAGMA journal_mode = WAL")?;
        to_write(&file)?.execute_batch("CREATE TABLE written (id INTEGER)")?;
        let refused = to_read(&file)?.execute_batch("INSERT INTO written VALUES (1)");
        assert!(refused.is_err_and(|error| error.to_string().contains("readonly")));
        Ok(())
    }
}
