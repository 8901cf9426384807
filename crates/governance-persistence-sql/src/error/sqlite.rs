//! What SQLite's result codes mean.

use governance_persistence::{Error, Source};

/// SQLite's primary result codes that mean something to the caller.
/// <https://www.sqlite.org/rescode.html>
mod sqlite_code {
    pub(super) const PERM: i32 = 3;
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const NOMEM: i32 = 7;
    pub(super) const READONLY: i32 = 8;
    pub(super) const IOERR: i32 = 10;
    pub(super) const CORRUPT: i32 = 11;
    pub(super) const FULL: i32 = 13;
    pub(super) const CANTOPEN: i32 = 14;
    pub(super) const PROTOCOL: i32 = 15;
    pub(super) const NOTADB: i32 = 26;
}

/// The error of a statement that SQLite refused, by its (extended) result code. Whether a commit
/// was applied is for the writer to say: here nothing was.
pub(crate) fn of_sqlite(code: i32, doing: &str, source: Source) -> Error {
    let primary = code & 0xff;
    let unavailable = |what: &str, source| Error::not_applied(format!("{doing}: {what}"), Some(source));
    match primary {
        sqlite_code::BUSY | sqlite_code::LOCKED | sqlite_code::PROTOCOL => {
            unavailable("another process kept the file locked for longer than busyTimeout", source)
        }
        sqlite_code::FULL => unavailable("the database or disk is full", source),
        sqlite_code::READONLY => unavailable("the file may not be written", source),
        sqlite_code::PERM | sqlite_code::CANTOPEN => unavailable("the file cannot be opened", source),
        sqlite_code::IOERR | sqlite_code::NOMEM => unavailable(&source.to_string(), source),
        sqlite_code::NOTADB => {
            Error::invalid("connectionString", "names a file that is not an SQLite database", "an SQLite database")
        }
        sqlite_code::CORRUPT => {
            let reason =
                format!("{doing}: the file is damaged; restore it from a copy, or see `PRAGMA integrity_check`");
            Error::Backend { reason: reason.into(), source: Some(source) }
        }
        _ => {
            let reason = format!("{doing}: {source}");
            Error::Backend { reason: reason.into(), source: Some(source) }
        }
    }
}

/// The error of a call to rusqlite.
pub(crate) fn of_rusqlite(doing: &str, error: rusqlite::Error) -> Error {
    let code = error.sqlite_error().map_or(0, |error| error.extended_code);
    of_sqlite(code, doing, Box::new(error))
}
