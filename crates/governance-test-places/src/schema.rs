//! A schema of PostgreSQL, or a database of MariaDB.

use crate::{Missing, server, unique};
use sqlx::{AssertSqlSafe, Connection, MySqlConnection, PgConnection};
use std::thread;
use xtask::services::Service;

/// A schema that is removed when it is dropped. On MariaDB a schema is a database.
#[derive(Debug)]
pub struct Schema {
    engine: Engine,
    server: String,
    name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Engine {
    Postgres,
    Mariadb,
}

impl Schema {
    /// A new schema, in the database of PostgreSQL that tests are given.
    ///
    /// # Errors
    ///
    /// When they are given none.
    pub fn on_postgres() -> Result<Self, Missing> {
        server(Service::Postgres).map(|server| Self::new(Engine::Postgres, server))
    }

    /// A new database, beside the one of MariaDB or MySQL that tests are given.
    ///
    /// # Errors
    ///
    /// When they are given none.
    pub fn on_mariadb() -> Result<Self, Missing> {
        server(Service::Mariadb).map(|server| Self::new(Engine::Mariadb, server))
    }

    fn new(engine: Engine, server: String) -> Self {
        // On MariaDB the user of the tests has rights on databases whose names begin so.
        let schema = Self { engine, server, name: format!("governance_{}", unique()) };
        schema.execute(&format!("CREATE SCHEMA {}", schema.name)).expect("a schema can be made");
        schema
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The URL that the tests are given.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The URL by which the schema is all there is.
    pub fn url(&self) -> String {
        match self.engine {
            Engine::Postgres => self.url_with(&format!("options=-c%20search_path%3D{}", self.name)),
            Engine::Mariadb => self.url_of_database(&self.name),
        }
    }

    /// The server's URL with one more parameter.
    pub fn url_with(&self, parameter: &str) -> String {
        let separator = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{separator}{parameter}", self.server)
    }

    /// The server's URL with another database.
    pub fn url_of_database(&self, database: &str) -> String {
        let (server, parameters) = self.server.split_once('?').unwrap_or((&self.server, ""));
        let (server, _) = server.rsplit_once('/').expect("the URL has a database");
        let separator = if parameters.is_empty() { "" } else { "?" };
        format!("{server}/{database}{separator}{parameters}")
    }

    fn execute(&self, sql: &str) -> thread::Result<()> {
        // A thread of its own: the runtime at hand, if there is one, may be the one that is ending.
        let run = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
            runtime.block_on(self.executed(sql)).expect("the server runs it");
        };
        thread::scope(|scope| scope.spawn(run).join())
    }

    async fn executed(&self, sql: &str) -> sqlx::Result<()> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        match self.engine {
            Engine::Postgres => {
                let mut connection = PgConnection::connect(&self.server).await?;
                sql.execute(&mut connection).await?;
                connection.close().await
            }
            Engine::Mariadb => {
                let mut connection = MySqlConnection::connect(&self.server).await?;
                sql.execute(&mut connection).await?;
                connection.close().await
            }
        }
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let cascade = if self.engine == Engine::Postgres { " CASCADE" } else { "" };
        // The server may be gone, and the schema with it.
        let _ = self.execute(&format!("DROP SCHEMA {}{cascade}", self.name));
    }
}
