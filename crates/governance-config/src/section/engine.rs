//! The SQL engines, by the names and URLs that people write.

use crate::setting::Named;
use governance_persistence_sql::SqlOptions;

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

    fn refused(folded: &str) -> Option<(&'static str, &'static str)> {
        match folded {
            "sqlserver" | "mssql" | "azuresql" => Some((NO_SQL_SERVER, EXPECTED_ENGINE)),
            "postgres" | "npgsql" | "pgsql" => Some((OTHER_NAME, "`postgresql`")),
            "mariadb" => Some((OTHER_NAME, "`mysql`, which stands for both")),
            _ => None,
        }
    }
}

/// A URL of each engine.
pub(super) const EXPECTED_URL: &str = "a URL such as `sqlite:governance.db`, `postgres://user:password@host:5432/database` or \
     `mysql://user:password@host:3306/database`";
pub(super) const EXPECTED_ENGINE: &str = "`sqlite`, and a URL such as `sqlite:governance.db`; `postgresql`, and \
     `postgres://user:password@host:5432/database`; or `mysql`, and `mysql://user:password@host:3306/database`";
/// What is there instead of what is not.
pub(super) const NO_DOTNET: &str = "a URL such as `postgres://user:password@host:5432/database`, \
     `mysql://user:password@host:3306/database` or `sqlite:governance.db`; SQL Server is not supported";
pub(super) const NO_SQL_SERVER: &str = "asks for SQL Server, which is not supported";
const OTHER_NAME: &str = "is not what the engine is called here";

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

    /// The engine that these options are for. Each that code can name has its name as a scheme too.
    pub(super) fn of(options: &SqlOptions) -> Option<Self> {
        Self::of_scheme(options.provider().as_str())
    }

    /// As people call it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgresql => "PostgreSQL",
            Self::Mysql => "MySQL",
        }
    }
}
