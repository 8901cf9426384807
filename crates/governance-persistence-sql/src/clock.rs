//! The engine's own clock, as SQL.

/// SQLite's, in microseconds since 1970. It ticks in milliseconds.
#[cfg(feature = "sqlite")]
pub(crate) const SQLITE_NOW: &str = "CAST(round(unixepoch('now', 'subsec') * 1000) AS INTEGER) * 1000";

/// Now, by the clock of this engine, in microseconds since 1970.
pub(crate) fn now(provider: crate::Provider) -> &'static str {
    match provider {
        #[cfg(feature = "sqlite")]
        crate::Provider::Sqlite => SQLITE_NOW,
    }
}
