//! Opening an SQLite file: what can be wrong with it, and how every connection is set up.

use super::busy;
use crate::error::of_rusqlite;
use crate::provider::sqlite_path;
use crate::{SqlOptions, Synchronous};
use governance_persistence::{Error, Result};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Instant;

/// How large the write-ahead log may stay, in bytes.
const MAX_IDLE_LOG: i64 = 32 << 20;

/// After how many pages the log is copied into the file. A page that changes all the time is
/// copied once each time: the end of the log, of the indexes, a head.
const CHECKPOINT: i64 = 4_000;

/// What the writer adds to the cache of pages, in KiB. The ends of some thousand histories fit, and
/// all that one group of commits writes: what does not fit is read again with every commit.
///
/// It is not the writer's alone. `libsqlite3-sys` builds SQLite with
/// `SQLITE_ENABLE_MEMORY_MANAGEMENT`, and then the connections of a process, to whatever files, are
/// one page group: its limit is the sum of theirs, and a connection that has as many pages as it
/// may takes over the page that was unused for longest, whichever of them read it.
const CACHE: i64 = 32 << 10;

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
    let mode = write_ahead(&connection, options).map_err(failed)?;
    if !mode.eq_ignore_ascii_case("wal") {
        let why = format!("the file stays in the journal mode {mode}; put it on a local disk");
        return Err(Error::Unsupported { what: "write-ahead logging".into(), why: why.into() });
    }
    let synchronous = match options.get_synchronous() {
        Synchronous::Full => "FULL",
        Synchronous::Normal => "NORMAL",
    };
    // With recursive triggers, INSERT OR REPLACE fires the triggers that guard history.
    let set = [("synchronous", synchronous), ("foreign_keys", "ON"), ("recursive_triggers", "ON")];
    set.into_iter().try_for_each(|(pragma, value)| connection.pragma_update(None, pragma, value)).map_err(failed)?;
    connection.pragma_update(None, "cache_size", -CACHE).map_err(failed)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT).map_err(failed)?;
    // After a burst the log is cut back to this size.
    connection.pragma_update(None, "journal_size_limit", MAX_IDLE_LOG).map_err(failed)?;
    if let Some(bytes) = options.get_max_file_size() {
        limit_size(&connection, bytes).map_err(failed)?;
    }
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

/// The commonest mistakes, each with its own words; SQLite says "unable to open" to all of them.
fn check_path(path: &Path) -> Result<()> {
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

/// Is there a file at this path? What cannot be one is an error, and so is what cannot be looked at.
pub(super) fn exists(path: &Path) -> Result<bool> {
    check_path(path)?;
    path.try_exists().map_err(|error| {
        let reason = format!("looking for {}: {error}", path.display());
        Error::not_applied(reason, Some(Box::new(error)))
    })
}

/// The switch wants the file to itself for a moment, and SQLite does not wait for that: when
/// several processes open a new file at once, all but one are told that it is busy.
fn write_ahead(connection: &Connection, options: &SqlOptions) -> rusqlite::Result<String> {
    let deadline = Instant::now() + options.get_busy_timeout();
    let mut pause = std::time::Duration::from_millis(1);
    loop {
        match connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)) {
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
