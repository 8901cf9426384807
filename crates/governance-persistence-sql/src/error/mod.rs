//! What a driver's error means to the caller.

#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(crate) mod class;
#[cfg(feature = "mysql")]
pub(crate) mod mysql;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "sqlite")]
pub(crate) use sqlite::{of_rusqlite, of_sqlite};

#[cfg(any(feature = "mysql", feature = "postgres"))]
use crate::role::{ONLY_READS, is_only_reads};
use governance_persistence::{Error, Source};
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};
use std::sync::Arc;

/// What was asked of the engine, when the reply is lost.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// There was nothing to do.
    Read,
    /// It may have been done.
    #[cfg(feature = "postgres")]
    Write,
}

/// The error of a read through SeaORM.
pub(crate) fn of_sea_orm(doing: &str, error: DbErr) -> Error {
    of(doing, error, Asked::Read)
}

/// The error of a write through SeaORM.
#[cfg(feature = "postgres")]
pub(crate) fn of_writing(doing: &str, error: DbErr) -> Error {
    of(doing, error, Asked::Write)
}

fn of(doing: &str, error: DbErr, asked: Asked) -> Error {
    let (source, asked) = match &error {
        // There was no connection to ask on.
        DbErr::Conn(RuntimeErr::SqlxError(source)) => (source.clone(), Asked::Read),
        DbErr::Exec(RuntimeErr::SqlxError(source)) | DbErr::Query(RuntimeErr::SqlxError(source)) => {
            (source.clone(), asked)
        }
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => (Arc::new(sqlx::Error::PoolTimedOut), Asked::Read),
        DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => (Arc::new(sqlx::Error::PoolClosed), Asked::Read),
        _ => {
            let reason = format!("{doing}: {error}");
            return Error::Backend { reason: reason.into(), source: Some(Box::new(error)) };
        }
    };
    of_sqlx(doing, &source, Box::new(error), asked)
}

fn of_sqlx(doing: &str, error: &sqlx::Error, source: Source, asked: Asked) -> Error {
    match error {
        sqlx::Error::PoolTimedOut => {
            let reason = format!("{doing}: no connection was free, or could be made, within acquireTimeout");
            Error::not_applied(reason, Some(source))
        }
        sqlx::Error::PoolClosed => Error::not_applied("the backplane was closed", Some(source)),
        #[cfg(any(feature = "mysql", feature = "postgres"))]
        error if is_only_reads(error) => Error::not_applied(format!("{doing}: {ONLY_READS}"), Some(source)),
        sqlx::Error::Tls(problem) => Error::not_applied(format!("{doing}: TLS: {problem}"), Some(source)),
        // The socket was cut, or what came out of it was no message.
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => lost(format!("{doing}: {error}"), source, asked),
        sqlx::Error::Database(database) => of_database(doing, database.as_ref(), source, asked),
        other => {
            let reason = format!("{doing}: {other}");
            Error::Backend { reason: reason.into(), source: Some(source) }
        }
    }
}

fn lost(reason: String, source: Source, asked: Asked) -> Error {
    match asked {
        Asked::Read => Error::not_applied(reason, Some(source)),
        #[cfg(feature = "postgres")]
        Asked::Write => Error::unknown(reason, Some(source)),
    }
}

/// The error that the engine itself reports, by its own code.
fn of_database(doing: &str, error: &dyn sqlx::error::DatabaseError, source: Source, asked: Asked) -> Error {
    #[cfg(feature = "postgres")]
    if let Some(error) = error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
        let class = postgres::of_code(error, doing, source);
        return if asked == Asked::Read { class.not_applied() } else { class.error() };
    }
    #[cfg(feature = "mysql")]
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        let class = mysql::of_number(error, doing, source);
        return match asked {
            Asked::Read => class.not_applied(),
            #[cfg(feature = "postgres")]
            Asked::Write => class.error(),
        };
    }
    #[cfg(not(feature = "postgres"))]
    let Asked::Read = asked;
    #[cfg(feature = "sqlite")]
    if error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
        let code = error.code().and_then(|code| code.parse().ok()).unwrap_or(0);
        return of_sqlite(code, doing, source);
    }
    Error::Backend { reason: format!("{doing}: {error}").into(), source: Some(source) }
}

/// The same error for one more of those that it befell. The driver's own error cannot be shared;
/// what it says stands in the text.
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(crate) fn again(error: &Error) -> Error {
    match error {
        Error::Unavailable { outcome, reason, .. } => {
            Error::Unavailable { outcome: *outcome, reason: reason.clone(), source: None }
        }
        Error::Invalid(invalid) => Error::Invalid(invalid.clone()),
        Error::Corrupt { key, sequence, problem } => Error::corrupt(key, *sequence, problem.clone()),
        Error::Unsupported { what, why } => Error::Unsupported { what: what.clone(), why: why.clone() },
        other => Error::Backend { reason: other.to_string().into(), source: None },
    }
}
