//! Opening an SQLite file: what can be wrong with it, and how every connection is set up.

use super::busy;
use crate::error::of_rusqlite;
use crate::provider::sqlite_path;
use crate::{SqlOptions, Synchronous};
use governance_persistence::{Error, Result};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Instant;

const FIELD: &str = "connectionString";

/// Opens the file for writing, creates it when absent, and switches it to write-ahead logging,
/// which stays with the file. Blocks.
pub(crate) fn open(options: &SqlOptions) -> Result<Connection> {
    let path = sqlite_path(options.url())?;
    check_path(&path)?;
    let doing = || format!("opening {}", path.display());
    let failed = |error| of_rusqlite(&doing(), error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&path, flags).map_err(failed)?;
    busy::wait_at_most(options.get_busy_timeout());
    connection.busy_handler(Some(busy::wait)).map_err(failed)?;
    write_ahead(&connection, options).map_err(failed)?;
    let synchronous = match options.get_synchronous() {
        Synchronous::Full => "FULL",
        Synchronous::Normal => "NORMAL",
    };
    // With recursive triggers, INSERT OR REPLACE fires the triggers that guard history.
    let set = [("synchronous", synchronous), ("foreign_keys", "ON"), ("recursive_triggers", "ON")];
    set.into_iter().try_for_each(|(pragma, value)| connection.pragma_update(None, pragma, value)).map_err(failed)?;
    if let Some(bytes) = options.get_max_file_size() {
        limit_size(&connection, bytes).map_err(failed)?;
    }
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

/// The commonest mistakes, each with its own words; SQLite says "unable to open" to all of them.
pub(super) fn check_path(path: &Path) -> Result<()> {
    if path.is_dir() {
        let problem = format!("names the directory {}", path.display());
        return Err(Error::invalid(FIELD, problem, "a file, which is created when absent"));
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent
        && let Err(error) = parent.metadata()
        && error.kind() == std::io::ErrorKind::NotFound
    {
        let problem = format!("names a file in the directory {}, which does not exist", parent.display());
        return Err(Error::invalid(FIELD, problem, "a file in an existing directory"));
    }
    Ok(())
}

/// The switch wants the file to itself for a moment, and SQLite does not wait for that: when
/// several processes open a new file at once, all but one are told that it is busy.
fn write_ahead(connection: &Connection, options: &SqlOptions) -> rusqlite::Result<()> {
    let deadline = Instant::now() + options.get_busy_timeout();
    let mut pause = std::time::Duration::from_millis(1);
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error) if is_busy(&error) && Instant::now() < deadline => {
                std::thread::sleep(pause);
                pause = (pause * 2).min(std::time::Duration::from_millis(50));
            }
            done => return done,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
}

fn limit_size(connection: &Connection, bytes: u64) -> rusqlite::Result<()> {
    let page_size: u32 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    let pages = i64::try_from(bytes / u64::from(page_size)).unwrap_or(i64::MAX);
    // The answer is the limit in force: never less than the file has already.
    connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
}
