//! A schema of a test's own.

use async_trait::async_trait;
use governance_persistence::{Backplane, CommitId};
use governance_persistence_conformance::Opener;
use governance_persistence_sql::{Migrate, SqlBackplane, SqlOptions};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::sync::Arc;

/// Names the database in which tests may make schemas.
const URL: &str = "GOVERNANCE_TEST_POSTGRES_URL";

/// A schema that is removed at the end.
pub(crate) struct Place {
    server: Option<String>,
    schema: String,
}

impl Place {
    /// A new schema, if there is a server.
    pub(crate) async fn new() -> Self {
        let server = std::env::var(URL).ok();
        // Where everything has to be there, a test that does not run is a test that failed.
        let required = ["CI", "GOVERNANCE_REQUIRE_ENGINES"].iter().any(|name| std::env::var_os(name).is_some());
        assert!(server.is_some() || !required, "{URL} is not set");
        let place = Self { server, schema: format!("test_{}", CommitId::new().to_string().replace('-', "_")) };
        if place.missing().is_none() {
            place.execute(&format!("CREATE SCHEMA {}", place.schema)).await;
        }
        place
    }

    /// As [`new`](Self::new), for tests that are no cases of the suite; without a server they end.
    pub(crate) async fn or_skip() -> Option<Self> {
        let place = Self::new().await;
        if let Some(missing) = place.missing() {
            eprintln!("skipped: {missing}");
            return None;
        }
        Some(place)
    }

    /// The URL by which the schema is all there is.
    pub(crate) fn url(&self) -> String {
        let server = self.server.as_deref().expect("there is a server");
        let separator = if server.contains('?') { '&' } else { '?' };
        format!("{server}{separator}options=-c%20search_path%3D{}", self.schema)
    }

    pub(crate) fn options(&self) -> SqlOptions {
        SqlOptions::new(&self.url()).expect("the URL is right").migrate(Migrate::OnConnect)
    }

    pub(crate) async fn connect(&self) -> SqlBackplane {
        SqlBackplane::connect(&self.options()).await.expect("the server can be reached")
    }

    /// A connection as any other client would have one.
    pub(crate) async fn plain(&self) -> PgConnection {
        PgConnection::connect(&self.url()).await.expect("the server can be reached")
    }

    /// Runs SQL as any other client would.
    pub(crate) async fn execute(&self, sql: &str) {
        let mut connection = self.plain().await;
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.expect("the SQL is right");
        connection.close().await.expect("the connection can be closed");
    }
}

#[async_trait]
impl Opener for Place {
    async fn open(&self) -> Arc<dyn Backplane> {
        Arc::new(self.connect().await)
    }

    fn missing(&self) -> Option<String> {
        self.server.is_none().then(|| format!("there is no PostgreSQL server: {URL} is not set"))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.missing().is_some() {
            return;
        }
        // The runtime at hand may be the one that is ending.
        std::thread::scope(|scope| {
            let dropped = scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                let runtime = runtime.expect("a runtime starts");
                runtime.block_on(self.execute(&format!("DROP SCHEMA {} CASCADE", self.schema)));
            });
            // The server of the test may be gone, and its schema with it.
            let _ = dropped.join();
        });
    }
}
