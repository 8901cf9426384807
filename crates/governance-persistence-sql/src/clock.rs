//! The engine's own clock, as SQL.

use sea_orm::DbBackend;

/// SQLite's, in microseconds since 1970. It ticks in milliseconds.
pub(crate) const SQLITE_NOW: &str = "CAST(round(unixepoch('now', 'subsec') * 1000) AS INTEGER) * 1000";

/// PostgreSQL's, in microseconds since 1970.
pub(crate) const POSTGRES_NOW: &str = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

/// MySQL's, in microseconds since 1970. It is computed in whole numbers, whatever the time zone is.
pub(crate) const MYSQL_NOW: &str = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6))";

/// The clock of this engine.
pub(crate) fn now(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => POSTGRES_NOW,
        DbBackend::MySql => MYSQL_NOW,
        _ => SQLITE_NOW,
    }
}
