//! Triggers that keep history append-only, whoever writes.

mod mysql;
mod postgres;
mod sqlite;

use sea_orm_migration::sea_orm::DbBackend;

const LOG: &str = "governance_commits";

/// The statements that create them: for the log, and for each table of history with the columns
/// that are unique within an experiment. Dropping a table drops its triggers.
pub(crate) fn create(
    backend: DbBackend,
    history: impl Iterator<Item = (&'static str, &'static [&'static str])>,
) -> Vec<String> {
    match backend {
        DbBackend::Sqlite => {
            let mut statements = sqlite::head();
            statements.extend(sqlite::append_only(LOG, &["sequence"], &["commit_id"]));
            for (table, unique) in history {
                statements.extend(sqlite::append_only(table, &["sequence", "ordinal"], unique));
            }
            statements
        }
        DbBackend::Postgres => {
            let mut statements = postgres::functions();
            statements.extend(postgres::head());
            let tables = std::iter::once(LOG).chain(history.map(|(table, _)| table));
            statements.extend(tables.flat_map(postgres::append_only));
            statements
        }
        DbBackend::MySql => {
            let tables = std::iter::once(LOG).chain(history.map(|(table, _)| table));
            mysql::head().into_iter().chain(tables.flat_map(mysql::append_only)).collect()
        }
        _ => Vec::new(),
    }
}

/// The statements that drop what is left of them when the tables are gone.
pub(crate) fn drop(backend: DbBackend) -> Vec<String> {
    match backend {
        DbBackend::Postgres => postgres::drop_functions(),
        _ => Vec::new(),
    }
}
