//! A PostgreSQL server, and a schema of it for each test.

use crate::place::Place;
use governance_persistence::CommitId;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::thread;

/// Names the database in which tests may make schemas.
const URL: &str = "GOVERNANCE_TEST_POSTGRES_URL";

/// A schema that is removed at the end.
pub(crate) struct Schema {
    server: String,
    name: String,
}

impl Schema {
    /// A new schema; without a server there is none, and the test ends.
    pub(crate) fn or_skip() -> Option<Self> {
        let Ok(server) = std::env::var(URL) else {
            // Where everything has to be there, a test that does not run is a test that failed.
            let required = ["CI", "GOVERNANCE_REQUIRE_ENGINES"].iter().any(|name| std::env::var_os(name).is_some());
            assert!(!required, "{URL} is not set");
            eprintln!("skipped: there is no PostgreSQL server: {URL} is not set");
            return None;
        };
        let schema = Self { server, name: format!("test_{}", CommitId::new().to_string().replace('-', "_")) };
        schema.execute(&format!("CREATE SCHEMA {}", schema.name));
        Some(schema)
    }

    /// The URL by which the schema is all there is.
    pub(crate) fn url(&self) -> String {
        let separator = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{separator}options=-c%20search_path%3D{}", self.server, self.name)
    }

    /// The URL with another user, and `hunter2` as the password.
    pub(crate) fn url_of_stranger(&self) -> String {
        let (_, rest) = self.server.split_once('@').expect("the URL has a user");
        format!("postgres://no_such_role:hunter2@{rest}")
    }

    /// The URL with another database.
    pub(crate) fn url_of_no_database(&self) -> String {
        let server = self.server.split('?').next().expect("there is a first part");
        let (server, _) = server.rsplit_once('/').expect("the URL has a database");
        format!("{server}/no_such_database")
    }

    /// A place whose configuration is the schema, taken from `GOVERNANCE_DB_URL`.
    pub(crate) fn place(&self) -> Place {
        place(&self.url(), "migrate: onConnect")
    }

    fn execute(&self, sql: &str) {
        // Threads of its own: a test may be in a runtime, and must not be kept waiting in it.
        let run = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
            runtime.block_on(async {
                let mut connection = PgConnection::connect(&self.server).await.expect("the server can be reached");
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.expect("the SQL is right");
            });
        };
        thread::scope(|scope| scope.spawn(run).join()).expect("the SQL runs");
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        self.execute(&format!("DROP SCHEMA {} CASCADE", self.name));
    }
}

/// A place with a configuration of this server, taken from `GOVERNANCE_DB_URL`.
pub(crate) fn place(url: &str, options: &str) -> Place {
    let configuration = format!(
        "governance:\n  persistence:\n    type: sql\n    provider: postgresql\n    \
         connectionString: ${{GOVERNANCE_DB_URL}}\n    options: {{ {options} }}\n"
    );
    Place::with_configuration(&configuration).on(url)
}
