//! How an engine spells JSON and time.

use super::Value;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(Clone, Copy)]
pub(super) enum Spelling {
    Sqlite,
    Postgres,
    MySql,
}

impl Spelling {
    pub(super) fn of(backend: DbBackend) -> Option<Self> {
        match backend {
            DbBackend::Sqlite => Some(Self::Sqlite),
            DbBackend::Postgres => Some(Self::Postgres),
            DbBackend::MySql => Some(Self::MySql),
            _ => None,
        }
    }

    /// What creates the view. Where a migration can be interrupted half-way, it may be there.
    pub(super) fn create(self) -> &'static str {
        match self {
            Self::Sqlite | Self::Postgres => "CREATE VIEW",
            // An auditor needs no right on the tables.
            Self::MySql => "CREATE OR REPLACE SQL SECURITY DEFINER VIEW",
        }
    }

    /// What drops it.
    pub(super) fn drop(self) -> &'static str {
        match self {
            Self::Sqlite | Self::Postgres => "DROP VIEW",
            Self::MySql => "DROP VIEW IF EXISTS",
        }
    }

    /// A JSON object of these members: name, value, name, value.
    pub(super) fn object(self, members: &str) -> String {
        match self {
            Self::Sqlite | Self::MySql => format!("json_object({members})"),
            Self::Postgres => format!("json_build_object({members})"),
        }
    }

    /// The value of a member.
    pub(super) fn value(self, value: &Value) -> String {
        match (self, value) {
            (_, Value::Plain(column)) | (Self::Postgres, Value::Json(column) | Value::Boolean(column)) => {
                (*column).to_owned()
            }
            (Self::Sqlite, Value::Json(column)) => format!("json({column})"),
            (Self::Sqlite, Value::Boolean(column)) => {
                format!("json(CASE WHEN {column} THEN 'true' ELSE 'false' END)")
            }
            // A function's result is known to be JSON; a column's text is not.
            (Self::MySql, Value::Json(column)) => format!("json_extract({column}, '$')"),
            (Self::MySql, Value::Boolean(column)) => {
                format!("json_extract(CASE WHEN {column} THEN 'true' ELSE 'false' END, '$')")
            }
        }
    }

    /// The text of a member of a stored object.
    pub(super) fn member(self, column: &str, name: &str) -> String {
        match self {
            Self::Sqlite => format!("json_extract({column}, '$.{name}')"),
            Self::Postgres => format!("({column} ->> '{name}') COLLATE \"C\""),
            // Of a null it makes NULL.
            Self::MySql => format!("json_value({column}, '$.{name}')"),
        }
    }

    /// Microseconds since 1970 as RFC 3339 with six digits; the digits are split off towards the
    /// past, for instants before 1970. No floating point: it would lose them.
    pub(super) fn utc(self, micros: &str) -> String {
        let fraction = format!("((({micros}) % 1000000 + 1000000) % 1000000)");
        match self {
            Self::Sqlite => format!(
                "strftime('%Y-%m-%dT%H:%M:%S', (({micros}) - {fraction}) / 1000000, 'unixepoch') || \
                 printf('.%06dZ', {fraction})"
            ),
            // It counts no year 0: of what falls into that one it would say year 1.
            Self::Postgres => {
                let at = format!("timestamp 'epoch' + (({micros}) - {fraction}) / 1000000 * interval '1 second'");
                format!(
                    "(CASE WHEN ({micros}) < -62135596800000000 THEN '0000' ELSE to_char({at}, 'YYYY') END || \
                     to_char({at}, '-MM-DD\"T\"HH24:MI:SS') || '.' || lpad({fraction}::text, 6, '0') || 'Z') \
                     COLLATE \"C\""
                )
            }
            // It has no year 0, whose days are those of the year 400.
            Self::MySql => {
                let ancient = format!("({micros}) < -62135596800000000");
                let at = format!(
                    "timestamp '1970-01-01 00:00:00' + INTERVAL ((({micros}) - {fraction}) DIV 1000000 \
                     + CASE WHEN {ancient} THEN 12622780800 ELSE 0 END) SECOND"
                );
                format!(
                    "concat(CASE WHEN {ancient} THEN '0000' ELSE date_format({at}, '%Y') END, \
                     date_format({at}, '-%m-%dT%H:%i:%s'), '.', lpad({fraction}, 6, '0'), 'Z')"
                )
            }
        }
    }
}
