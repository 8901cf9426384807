//! Where the engines' DDL differs: column types and table options.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Builds columns and tables for one engine.
#[derive(Clone, Copy)]
pub(crate) struct Dialect(pub(crate) DbBackend);

/// Compared byte by byte, whatever the database's own collation is.
const POSTGRES_TEXT: &str = "text COLLATE \"C\"";

/// MySQL and MariaDB both have this one. It compares by code point, which is the order of UTF-8's
/// bytes. It takes a text as if spaces followed it; but no text here ends in one, or holds a
/// character below one, so neither equality nor order depends on it.
const MYSQL_COLLATION: &str = "utf8mb4_bin";

impl Dialect {
    /// What the session must be like: on MySQL a trigger keeps the mode that it was made in.
    pub(crate) fn session(self) -> Vec<String> {
        let strict = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'";
        self.is_mysql().then(|| strict.to_owned()).into_iter().collect()
    }

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
            // A name, an actor, a policy: 200 characters at most. MySQL indexes no text of any length.
            DbBackend::MySql => column.string_len(200),
            _ => column.text(),
        };
        column.not_null().take()
    }

    /// A tenant or an environment: 100 characters at most.
    pub(crate) fn scope(self, name: &'static str) -> ColumnDef {
        if self.is_mysql() { self.text(name).string_len(100).take() } else { self.text(name) }
    }

    /// A reason or a description: 4,000 characters at most.
    pub(crate) fn prose(self, name: &'static str) -> ColumnDef {
        if self.is_mysql() { self.text(name).text().take() } else { self.text(name) }
    }

    /// An identifier or a digest: a UUID, 64 hexadecimal digits, the name of an enum's value.
    pub(crate) fn token(self, name: &'static str) -> ColumnDef {
        match self.0 {
            DbBackend::MySql => {
                let ascii = "varchar(64) CHARACTER SET ascii COLLATE ascii_bin";
                ColumnDef::new(Alias::new(name)).custom(ascii).not_null().take()
            }
            _ => self.text(name),
        }
    }

    /// Canonical JSON, kept as the text it is.
    pub(crate) fn json(self, name: &'static str) -> ColumnDef {
        match self.0 {
            // Not jsonb, which writes numbers anew.
            DbBackend::Postgres => ColumnDef::new(Alias::new(name)).custom("json").not_null().take(),
            // MySQL's `json` writes numbers anew, MariaDB's is this.
            DbBackend::MySql => {
                let valid = format!("CHECK (json_valid(`{name}`))");
                ColumnDef::new(Alias::new(name)).custom("longtext").not_null().extra(valid).take()
            }
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

    /// The SQL of `table` and its indexes. On SQLite it is strict, or a column would hold values of
    /// any type. MySQL ends a transaction with each statement, so there an interrupted migration runs
    /// again over what it left: a table comes with its indexes, unless it is there.
    pub(crate) fn table(self, table: &mut TableCreateStatement, indexes: &mut [IndexCreateStatement]) -> Vec<String> {
        if self.is_sqlite() {
            table.extra("STRICT");
        }
        self.create(table, indexes)
    }

    /// The SQL of `table`, whose rows change with every commit. On PostgreSQL a page keeps room for
    /// the next versions of its rows, which then need no new entry in any index.
    pub(crate) fn changing(
        self,
        table: &mut TableCreateStatement,
        indexes: &mut [IndexCreateStatement],
    ) -> Vec<String> {
        if self.0 == DbBackend::Postgres {
            table.extra("WITH (fillfactor = 60)");
        }
        self.table(table, indexes)
    }

    /// The SQL of `table`, its rows stored in the order of the primary key.
    pub(crate) fn clustered(
        self,
        table: &mut TableCreateStatement,
        indexes: &mut [IndexCreateStatement],
    ) -> Vec<String> {
        if self.is_sqlite() {
            table.extra("WITHOUT ROWID, STRICT");
        }
        self.create(table, indexes)
    }

    fn create(self, table: &mut TableCreateStatement, indexes: &mut [IndexCreateStatement]) -> Vec<String> {
        if self.is_mysql() {
            indexes.iter_mut().for_each(|index| {
                table.index(index);
            });
            // Whatever the server's own defaults are.
            table.if_not_exists().engine("InnoDB").character_set("utf8mb4").collate(MYSQL_COLLATION);
            return vec![self.sql(table.extra("ROW_FORMAT=DYNAMIC"))];
        }
        std::iter::once(self.sql(table)).chain(indexes.iter().map(|index| self.sql(index))).collect()
    }

    /// The SQL that drops a table.
    pub(crate) fn drop_table(self, table: &'static str) -> String {
        let mut drop = Table::drop();
        drop.table(Alias::new(table));
        // As with creating: what an interrupted migration dropped is gone.
        self.sql(if self.is_mysql() { drop.if_exists() } else { &drop })
    }

    pub(crate) fn is_mysql(self) -> bool {
        self.0 == DbBackend::MySql
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
