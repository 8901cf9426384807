//! A server, and a schema of PostgreSQL or a database of MariaDB on it for each test.

use crate::place::Place;
use governance_test_places::or_skip;

/// An engine that is a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Postgres,
    Mysql,
}

impl Engine {
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

/// A schema of a test's own.
pub(crate) struct Schema {
    pub(crate) engine: Engine,
    schema: governance_test_places::Schema,
}

impl Schema {
    /// A new schema; without a server there is none, and the test ends.
    pub(crate) fn or_skip(engine: Engine) -> Option<Self> {
        let schema = match engine {
            Engine::Postgres => governance_test_places::Schema::on_postgres(),
            Engine::Mysql => governance_test_places::Schema::on_mariadb(),
        };
        or_skip(schema).map(|schema| Self { engine, schema })
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        self.schema.name()
    }

    /// The URL by which the schema is all there is.
    pub(crate) fn url(&self) -> String {
        self.schema.url()
    }

    /// The URL with one more parameter.
    pub(crate) fn url_with(&self, parameter: &str) -> String {
        self.schema.url_with(parameter)
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
        self.schema.url_of_database("governance_no_such_database")
    }

    /// A place whose configuration is the schema, taken from `GOVERNANCE_DB_URL`.
    pub(crate) fn place(&self) -> Place {
        self.engine.place(&self.url(), "migrate: onConnect")
    }

    /// The user, the password, the host and the port of the server.
    pub(crate) fn authority(&self) -> [&str; 4] {
        let parts: Vec<_> = self.schema.server().split(['/', ':', '@']).filter(|part| !part.is_empty()).collect();
        parts[1..5].try_into().expect("the URL has all four")
    }

    fn url_of_user(&self, user: &str) -> String {
        let (scheme, _) = self.schema.server().split_once(':').expect("there is a first part");
        let (_, rest) = self.schema.server().split_once('@').expect("the URL has a user");
        format!("{scheme}://{user}:hunter2@{rest}")
    }
}
