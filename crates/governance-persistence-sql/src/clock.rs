//! The engine's own clock, as SQL.

use sea_orm::DbBackend;

/// SQLite's, in microseconds since 1970. It ticks in milliseconds.
pub(crate) const SQLITE_NOW: &str = "CAST(round(unixepoch('now', 'subsec') * 1000) AS INTEGER) * 1000";

/// PostgreSQL's, in microseconds since 1970.
pub(crate) const POSTGRES_NOW: &str = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

/// The clock of this engine.
pub(crate) fn now(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => POSTGRES_NOW,
        _ => SQLITE_NOW,
    }
}
