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

use governance_persistence::{Error, Source};
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};

/// The error of a read through SeaORM.
pub(crate) fn of_sea_orm(doing: &str, error: DbErr) -> Error {
    let source = match &error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => {
            return Error::not_applied(
                format!("{doing}: no free connection within acquireTimeout"),
                Some(Box::new(error)),
            );
        }
        DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => {
            return Error::not_applied("the backplane was closed", Some(Box::new(error)));
        }
        DbErr::Conn(RuntimeErr::SqlxError(source))
        | DbErr::Exec(RuntimeErr::SqlxError(source))
        | DbErr::Query(RuntimeErr::SqlxError(source)) => source.clone(),
        _ => {
            let reason = format!("{doing}: {error}");
            return Error::Backend { reason: reason.into(), source: Some(Box::new(error)) };
        }
    };
    of_sqlx(doing, &source, Box::new(error))
}

fn of_sqlx(doing: &str, error: &sqlx::Error, source: Source) -> Error {
    match error {
        sqlx::Error::PoolTimedOut => {
            Error::not_applied(format!("{doing}: no free connection within acquireTimeout"), Some(source))
        }
        sqlx::Error::PoolClosed => Error::not_applied("the backplane was closed", Some(source)),
        sqlx::Error::Io(io) => Error::not_applied(format!("{doing}: {io}"), Some(source)),
        sqlx::Error::Database(database) => of_database(doing, database.as_ref(), source),
        other => {
            let reason = format!("{doing}: {other}");
            Error::Backend { reason: reason.into(), source: Some(source) }
        }
    }
}

/// The error that the engine itself reports, by its own code.
fn of_database(doing: &str, error: &dyn sqlx::error::DatabaseError, source: Source) -> Error {
    #[cfg(feature = "postgres")]
    if let Some(error) = error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
        return postgres::of_code(error, doing, source).not_applied();
    }
    #[cfg(feature = "mysql")]
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return mysql::of_number(error, doing, source).not_applied();
    }
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
        Error::Unsupported { what, why } => Error::Unsupported { what: what.clone(), why: why.clone() },
        other => Error::Backend { reason: other.to_string().into(), source: None },
    }
}
