//! The SQL engines, by the names and URLs that people write, built yet or not.

use crate::setting::Named;

/// A SQL engine that the language knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgresql,
    Mysql,
}

impl Named for Engine {
    const NAMES: &'static [(&'static str, Self)] =
        &[("sqlite", Self::Sqlite), ("postgresql", Self::Postgresql), ("mysql", Self::Mysql)];

    fn is_offered(self) -> bool {
        self.is_built()
    }

    fn refused(folded: &str) -> Option<(&'static str, &'static str)> {
        match folded {
            "sqlserver" | "mssql" | "azuresql" => {
                Some((NO_SQL_SERVER, "`sqlite`, and a URL such as `sqlite:governance.db`"))
            }
            "postgres" | "npgsql" => {
                Some(("is not what the engine is called here", "`postgresql` (not built yet in this version)"))
            }
            "mariadb" => Some(("is not what the engine is called here", "`mysql` (not built yet in this version)")),
            _ => None,
        }
    }
}

pub(super) const NO_SQL_SERVER: &str = "asks for SQL Server, which is not supported";

impl Engine {
    /// The engine of a URL with this scheme.
    pub(super) fn of_scheme(scheme: &str) -> Option<Self> {
        match scheme.to_ascii_lowercase().as_str() {
            "sqlite" => Some(Self::Sqlite),
            "postgres" | "postgresql" => Some(Self::Postgresql),
            "mysql" | "mariadb" => Some(Self::Mysql),
            _ => None,
        }
    }

    /// Does this version have a backplane on it?
    pub(super) fn is_built(self) -> bool {
        self == Self::Sqlite
    }
}
