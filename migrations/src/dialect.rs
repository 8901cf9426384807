//! Where the engines' DDL differs: column types and table options.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Builds columns and tables for one engine.
#[derive(Clone, Copy)]
pub(crate) struct Dialect(pub(crate) DbBackend);

/// Compared byte by byte, whatever the database's own collation is.
const POSTGRES_TEXT: &str = "text COLLATE \"C\"";

impl Dialect {
    /// The number that an engine gives a row.
    pub(crate) fn identity(self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(Alias::new(name));
        match self.0 {
            // Without a sequence beside it that would want grants of its own.
            DbBackend::Postgres => column.custom("bigint GENERATED ALWAYS AS IDENTITY").not_null(),
            _ => column.big_integer().not_null().auto_increment(),
        };
        column.primary_key().take()
    }

    /// Text that people wrote, compared byte for byte.
    pub(crate) fn text(self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(Alias::new(name));
        match self.0 {
            DbBackend::Postgres => column.custom(POSTGRES_TEXT),
            _ => column.text(),
        };
        column.not_null().take()
    }

    /// An identifier or a digest: a UUID, 64 hexadecimal digits, the name of an enum's value.
    pub(crate) fn token(self, name: &'static str) -> ColumnDef {
        self.text(name)
    }

    /// Canonical JSON, kept as the text it is.
    pub(crate) fn json(self, name: &'static str) -> ColumnDef {
        match self.0 {
            // Not jsonb, which writes numbers anew.
            DbBackend::Postgres => ColumnDef::new(Alias::new(name)).custom("json").not_null().take(),
            _ => self.text(name),
        }
    }

    /// A whole number, or an instant in microseconds since 1970, UTC.
    pub(crate) fn integer(self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(Alias::new(name));
        if self.is_sqlite() { column.custom("INTEGER") } else { column.big_integer() }.not_null().take()
    }

    /// Yes or no.
    pub(crate) fn boolean(self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(Alias::new(name));
        if self.is_sqlite() { column.custom("INTEGER") } else { column.boolean() }.not_null().take()
    }

    /// The SQL of `table`. On SQLite it is strict, or a column would hold values of any type.
    pub(crate) fn table(self, table: &mut TableCreateStatement) -> String {
        if self.is_sqlite() {
            table.extra("STRICT");
        }
        self.sql(table)
    }

    /// The SQL of `table`, whose rows change with every commit. On PostgreSQL a page keeps room for
    /// the next versions of its rows, which then need no new entry in any index.
    pub(crate) fn changing(self, table: &mut TableCreateStatement) -> String {
        if self.0 == DbBackend::Postgres {
            table.extra("WITH (fillfactor = 60)");
        }
        self.table(table)
    }

    /// The SQL of `table`, its rows stored in the order of the primary key.
    pub(crate) fn clustered(self, table: &mut TableCreateStatement) -> String {
        if self.is_sqlite() {
            table.extra("WITHOUT ROWID, STRICT");
        }
        self.sql(table)
    }

    fn is_sqlite(self) -> bool {
        self.0 == DbBackend::Sqlite
    }

    /// The SQL of a statement.
    pub(crate) fn sql<S: sea_orm_migration::sea_orm::StatementBuilder>(self, statement: &S) -> String {
        self.0.build(statement).sql
    }
}

/// The column, where there may be nothing.
pub(crate) fn optional(mut column: ColumnDef) -> ColumnDef {
    column.null().take()
}
