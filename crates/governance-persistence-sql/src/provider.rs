//! Which engine a URL means.

use governance_persistence::{Error, Result};
use std::fmt;
use std::path::PathBuf;

/// A SQL engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Provider {
    /// SQLite, in a file of this machine.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
    /// A MySQL or MariaDB server.
    Mysql,
}

const FIELD: &str = "connectionString";
const EXPECTED: &str = "a URL such as sqlite:governance.db, postgres://user:password@host:5432/database or \
                        mysql://user:password@host:3306/database";
const EXPECTED_FILE: &str = "a URL such as sqlite:governance.db";

impl Provider {
    /// The name, as the configuration has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
        }
    }

    /// The engine that the scheme of this URL names. An error never shows the URL, which may hold
    /// a password.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when it is not a URL; [`Error::Unsupported`] for an engine that this
    /// build does not have.
    pub fn of_url(url: &str) -> Result<Self> {
        let Some((scheme, _)) = url.split_once(':') else {
            return Err(Error::invalid(FIELD, "is not a URL", EXPECTED));
        };
        match scheme.to_ascii_lowercase().as_str() {
            "sqlite" => Ok(Self::Sqlite),
            "postgres" | "postgresql" => Ok(Self::Postgres),
            "mysql" | "mariadb" => Ok(Self::Mysql),
            _ => Err(Error::invalid(FIELD, "does not begin with the scheme of a known engine", EXPECTED)),
        }
    }

    /// Checks the rest of a URL of this engine.
    pub(crate) fn check_url(self, url: &str) -> Result<()> {
        match self {
            Self::Sqlite => sqlite_path(url).map(|_| ()),
            #[cfg(feature = "postgres")]
            Self::Postgres => crate::postgres::check_url(url),
            #[cfg(not(feature = "postgres"))]
            Self::Postgres => Err(self.not_built()),
            #[cfg(feature = "mysql")]
            Self::Mysql => crate::mysql::check_url(url),
            #[cfg(not(feature = "mysql"))]
            Self::Mysql => Err(self.not_built()),
        }
    }

    /// The error of an engine that this build does not have.
    #[cfg(not(all(feature = "mysql", feature = "postgres", feature = "sqlite")))]
    pub(crate) fn not_built(self) -> Error {
        Error::Unsupported {
            what: format!("the engine {self}").into(),
            why: format!("governance-persistence-sql was built without its feature `{self}`").into(),
        }
    }

    /// As SeaORM has it.
    #[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
    pub(crate) fn backend(self) -> sea_orm::DbBackend {
        match self {
            Self::Sqlite => sea_orm::DbBackend::Sqlite,
            Self::Postgres => sea_orm::DbBackend::Postgres,
            Self::Mysql => sea_orm::DbBackend::MySql,
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Checks what a driver would pass over: that a server's URL has a `//`, without which all of it would be
/// the database, and that the names behind the `?` are known.
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(crate) fn check_server_url(url: &str, known: &[&str]) -> Result<()> {
    if !url.split_once(':').is_some_and(|(_, rest)| rest.starts_with("//")) {
        return Err(Error::invalid(FIELD, "has no // before the host", EXPECTED));
    }
    let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
    if parameters.contains('@') {
        // What stands before it is a password, or a part of one.
        let problem = "has a ? before the @, so it has no host";
        return Err(Error::invalid(FIELD, problem, "user and password percent-encoded: %3F for ?"));
    }
    for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
        let name = parameter.split('=').next().unwrap_or_default();
        if !known.contains(&name) {
            let problem = format!("has the unknown parameter {name:?}");
            return Err(Error::invalid(FIELD, problem, format!("one of {}", known.join(", "))));
        }
    }
    Ok(())
}

/// The file of an SQLite URL: what follows `sqlite:` or `sqlite://`, taken as it is.
pub(crate) fn sqlite_path(url: &str) -> Result<PathBuf> {
    let rest = url.split_once(':').map_or("", |(_, rest)| rest);
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let fault = |problem: &str, expected: &str| Err(Error::invalid(FIELD, problem, expected));
    match path {
        "" => fault("names no file", EXPECTED_FILE),
        ":memory:" => fault("asks for a database in memory", "a file; for memory write type: inMemory"),
        _ if rest.starts_with("//") && path.split('/').next().is_some_and(|host| host.contains(['@', ':'])) => {
            fault("has a user or a port, but SQLite is a file", EXPECTED_FILE)
        }
        _ if path.starts_with("file:") => fault("has two schemes", EXPECTED_FILE),
        _ if path.contains(['?', '#']) => {
            fault("has parameters behind the file", "just the file; settings stand under `options`")
        }
        _ if path.contains('\0') => fault("holds NUL", EXPECTED_FILE),
        _ => Ok(PathBuf::from(path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_relative_unless_it_begins_with_a_slash() {
        assert_eq!(sqlite_path("sqlite:governance.db").unwrap(), PathBuf::from("governance.db"));
        assert_eq!(sqlite_path("sqlite://data/g.db").unwrap(), PathBuf::from("data/g.db"));
        assert_eq!(sqlite_path("sqlite:///var/g.db").unwrap(), PathBuf::from("/var/g.db"));
    }

    #[test]
    fn what_is_no_file_is_refused() {
        for bad in [
            "sqlite:",
            "sqlite://",
            "sqlite::memory:",
            "sqlite:a?mode=ro",
            "sqlite:file:a",
            "sqlite://u:p@h/a",
            "file.db",
            "oracle:x",
        ] {
            assert!(crate::SqlOptions::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_error_does_not_show_the_url() {
        for url in [
            "sqlite://u:secret@h/db",
            "mongodb://u:secret@h/db",
            "postgres://u:secret@h",
            "mysql://u:secret@h",
            "mysql:u:secret@h/db",
            "postgres:u:secret@h/db",
            "u:secret@h",
        ] {
            assert!(!crate::SqlOptions::new(url).unwrap_err().to_string().contains("secret"), "{url}");
        }
    }
}
