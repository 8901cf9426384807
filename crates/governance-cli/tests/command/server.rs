//! A server, and a schema of PostgreSQL or a database of MariaDB on it for each test.

use crate::place::Place;
use governance_persistence::CommitId;
use sqlx::{AssertSqlSafe, Connection, MySqlConnection, PgConnection};
use std::thread;

/// An engine that is a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Postgres,
    Mysql,
}

impl Engine {
    /// Names the database in which tests may make schemas, or beside which they may make databases.
    fn variable(self) -> &'static str {
        match self {
            Self::Postgres => "GOVERNANCE_TEST_POSTGRES_URL",
            Self::Mysql => "GOVERNANCE_TEST_MYSQL_URL",
        }
    }

    /// As a configuration calls it.
    fn provider(self) -> &'static str {
        match self {
            Self::Postgres => "postgresql",
            Self::Mysql => "mysql",
        }
    }

    /// The URL of a server that is not there, with `hunter2` as the password.
    pub(crate) fn url_of_nobody(self) -> String {
        format!("{}://u:hunter2@127.0.0.1:1/db", self.provider())
    }

    /// A place with a configuration of this engine, taken from `GOVERNANCE_DB_URL`.
    pub(crate) fn place(self, url: &str, options: &str) -> Place {
        let configuration = format!(
            "governance:\n  persistence:\n    type: sql\n    provider: {}\n    \
             connectionString: ${{GOVERNANCE_DB_URL}}\n    options: {{ {options} }}\n",
            self.provider()
        );
        Place::with_configuration(&configuration).on(url)
    }
}

/// A schema that is removed at the end.
pub(crate) struct Schema {
    pub(crate) engine: Engine,
    server: String,
    name: String,
}

impl Schema {
    /// A new schema; without a server there is none, and the test ends.
    pub(crate) fn or_skip(engine: Engine) -> Option<Self> {
        let variable = engine.variable();
        let Ok(server) = std::env::var(variable) else {
            // Where everything has to be there, a test that does not run is a test that failed.
            let required = ["CI", "GOVERNANCE_REQUIRE_ENGINES"].iter().any(|name| std::env::var_os(name).is_some());
            assert!(!required, "{variable} is not set");
            eprintln!("skipped: there is no server: {variable} is not set");
            return None;
        };
        // On MariaDB the user of the tests has rights on databases whose names begin so.
        let name = format!("governance_{}", CommitId::new().to_string().replace('-', "_"));
        let schema = Self { engine, server, name };
        schema.execute(&format!("CREATE SCHEMA {}", schema.name));
        Some(schema)
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The URL by which the schema is all there is.
    pub(crate) fn url(&self) -> String {
        match self.engine {
            Engine::Postgres => self.url_with(&format!("options=-c%20search_path%3D{}", self.name)),
            Engine::Mysql => self.url_of_database(&self.name),
        }
    }

    /// The URL with one more parameter.
    pub(crate) fn url_with(&self, parameter: &str) -> String {
        let separator = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{separator}{parameter}", self.server)
    }

    /// The URL with a user that is not there, and `hunter2` as the password.
    pub(crate) fn url_of_stranger(&self) -> String {
        self.url_of_user("no_such_role")
    }

    /// The URL with `hunter2` as the password, which it is not.
    pub(crate) fn url_with_wrong_password(&self) -> String {
        self.url_of_user(self.authority()[0])
    }

    /// The URL with a database that is not there.
    pub(crate) fn url_of_no_database(&self) -> String {
        self.url_of_database("governance_no_such_database")
    }

    /// A place whose configuration is the schema, taken from `GOVERNANCE_DB_URL`.
    pub(crate) fn place(&self) -> Place {
        self.engine.place(&self.url(), "migrate: onConnect")
    }

    fn scheme(&self) -> &str {
        self.server.split(':').next().expect("there is a first part")
    }

    /// The user, the password, the host and the port of the server.
    pub(crate) fn authority(&self) -> [&str; 4] {
        let parts: Vec<_> = self.server.split(['/', ':', '@']).filter(|part| !part.is_empty()).collect();
        parts[1..5].try_into().expect("the URL has all four")
    }

    fn url_of_user(&self, user: &str) -> String {
        let (_, rest) = self.server.split_once('@').expect("the URL has a user");
        format!("{}://{user}:hunter2@{rest}", self.scheme())
    }

    fn url_of_database(&self, database: &str) -> String {
        let (server, parameters) = self.server.split_once('?').unwrap_or((&self.server, ""));
        let (server, _) = server.rsplit_once('/').expect("the URL has a database");
        let separator = if parameters.is_empty() { "" } else { "?" };
        format!("{server}/{database}{separator}{parameters}")
    }

    fn execute(&self, sql: &str) {
        // Threads of its own: a test may be in a runtime, and must not be kept waiting in it.
        let run = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
            runtime.block_on(async {
                let sql = sqlx::raw_sql(AssertSqlSafe(sql));
                let done = match self.engine {
                    Engine::Postgres => {
                        let mut connection = PgConnection::connect(&self.server).await.expect("the server answers");
                        sql.execute(&mut connection).await.map(|_| ())
                    }
                    Engine::Mysql => {
                        let mut connection = MySqlConnection::connect(&self.server).await.expect("the server answers");
                        sql.execute(&mut connection).await.map(|_| ())
                    }
                };
                done.expect("the SQL is right");
            });
        };
        thread::scope(|scope| scope.spawn(run).join()).expect("the SQL runs");
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let cascade = if self.engine == Engine::Postgres { " CASCADE" } else { "" };
        self.execute(&format!("DROP SCHEMA {}{cascade}", self.name));
    }
}
