//! The `connectionString` of a SQL backplane, and what to say of strings from other worlds.
//!
//! It may hold a password: no message shows any of it.

use super::engine::{EXPECTED_URL as EXPECTED, Engine, NO_DOTNET, NO_SQL_SERVER};
use crate::reading::{At, Reading};
use crate::setting::{Setting, Text};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use std::borrow::Cow;

/// A URL of a SQL engine.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct ConnectionString {
    pub(super) url: Text,
    #[serde(skip)]
    pub(super) engine: Engine,
}

impl ConnectionString {
    /// The setting that says this URL, if it is one.
    pub(super) fn of(url: &str) -> Option<Self> {
        engine_of(url).ok().map(|engine| Self { url: Text(url.to_owned()), engine })
    }
}

impl Setting for ConnectionString {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let url = Text::read(at, reading)?;
        let (problem, expected) = match engine_of(&url.0) {
            Ok(engine) => return Some(Self { url, engine }),
            Err(fault) => fault,
        };
        reading.fault(at, problem, expected);
        None
    }
}

/// The engine of a URL; or what is wrong with it, and what would be right.
fn engine_of(url: &str) -> Result<Engine, (&'static str, &'static str)> {
    if is_dotnet(url) {
        return Err(of_dotnet(&url.to_ascii_lowercase()));
    }
    let Some((scheme, _)) = url.split_once(':') else {
        return Err(("is not a URL", EXPECTED));
    };
    match (Engine::of_scheme(scheme), scheme.to_ascii_lowercase().as_str()) {
        (Some(engine), _) => Ok(engine),
        (_, "sqlserver" | "mssql") => Err((NO_SQL_SERVER, EXPECTED)),
        (_, "jdbc") => Err(("is a JDBC URL", JDBC)),
        (_, scheme) if scheme.starts_with("redis") => {
            Err(("is a URL of Redis, which belongs to `type: redis`", EXPECTED))
        }
        _ => Err(("does not begin with the scheme of a known engine", EXPECTED)),
    }
}

const JDBC: &str = "a URL without `jdbc:`, such as `postgres://user:password@host:5432/database` or \
     `mysql://user:password@host:3306/database`; JDBC's parameters are not those of a URL here";

/// `Key=value;Key=value`: an equals sign before any colon.
fn is_dotnet(text: &str) -> bool {
    let before_equals = text.split_once('=').map(|(key, _)| key);
    before_equals.is_some_and(|key| !key.contains(':'))
}

fn of_dotnet(text: &str) -> (&'static str, &'static str) {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&[
        "trusted_connection",
        "initial catalog",
        "integrated security",
        "trustservercertificate",
        "multipleactive",
    ]) {
        return ("is a connection string of SQL Server, in the .NET style; SQL Server is not supported", EXPECTED);
    }
    if has(&["server=", "host=", "server =", "host ="]) {
        return ("is a connection string in the .NET style", NO_DOTNET);
    }
    ("is a connection string in the .NET style", "a URL: `sqlite:` and the file, such as `sqlite:governance.db`")
}

const EXAMPLES: [&str; 4] = [
    "sqlite:governance.db",
    "postgres://user:password@host:5432/database",
    "mysql://user:password@host:3306/database",
    "${GOVERNANCE_DB_URL}",
];

impl JsonSchema for ConnectionString {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ConnectionString".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Text::json_schema(generator);
        schema.insert("type".to_owned(), "string".into()); // a number is no URL
        schema.insert("examples".to_owned(), EXAMPLES.to_vec().into());
        schema
    }
}
