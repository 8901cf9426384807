//! The engine's own clock, as SQL.

/// SQLite's, in microseconds since 1970. It ticks in milliseconds.
pub(crate) const SQLITE_NOW: &str = "CAST(round(unixepoch('now', 'subsec') * 1000) AS INTEGER) * 1000";
