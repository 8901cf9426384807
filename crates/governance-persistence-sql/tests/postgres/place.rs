//! A schema of a test's own.

use async_trait::async_trait;
use governance_persistence::{Backplane, Commit, CommitId, Expected, ExperimentKey, LifecycleState, StateChange};
use governance_persistence_conformance::{Opener, samples};
use governance_persistence_sql::{Migrate, SqlBackplane, SqlOptions};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::sync::{Arc, Mutex};

/// Names the database in which tests may make schemas.
const URL: &str = "GOVERNANCE_TEST_POSTGRES_URL";

/// The same for the superuser.
const ADMIN_URL: &str = "GOVERNANCE_TEST_POSTGRES_ADMIN_URL";
/// The same on a server that follows the first one.
const REPLICA_URL: &str = "GOVERNANCE_TEST_POSTGRES_REPLICA_URL";
/// The same for the superuser.
const REPLICA_ADMIN_URL: &str = "GOVERNANCE_TEST_POSTGRES_REPLICA_ADMIN_URL";

/// Where the certificate is of the authority that the server's is from.
const CA: &str = "GOVERNANCE_TEST_CA";
/// All that tests may want beside the server itself.
const ALL: [&str; 4] = [ADMIN_URL, REPLICA_URL, REPLICA_ADMIN_URL, CA];

/// A schema that is removed at the end.
pub(crate) struct Place {
    server: Option<String>,
    schema: String,
    /// What else is removed at the end.
    users: Mutex<Vec<String>>,
}

impl Place {
    /// A new schema, if there is a server.
    pub(crate) async fn new() -> Self {
        let server = std::env::var(URL).ok();
        // Where everything has to be there, a test that does not run is a test that failed.
        let required = ["CI", "GOVERNANCE_REQUIRE_ENGINES"].iter().any(|name| std::env::var_os(name).is_some());
        assert!(server.is_some() || !required, "{URL} is not set");
        let schema = format!("test_{}", CommitId::new().to_string().replace('-', "_"));
        let place = Self { server, schema, users: Mutex::default() };
        if place.missing().is_none() {
            place.execute(&format!("CREATE SCHEMA {}", place.schema)).await;
        }
        place
    }

    /// As [`or_skip`](Self::or_skip), for tests that want more than a server: its superuser, its replica, the authority
    /// of its certificate.
    pub(crate) async fn with_all_or_skip() -> Option<Self> {
        let place = Self::or_skip().await?;
        let missing: Vec<_> = ALL.into_iter().filter(|name| std::env::var_os(name).is_none()).collect();
        if missing.is_empty() {
            return Some(place);
        }
        let missing = format!("a test wants more than {URL}; not set: {}", missing.join(", "));
        assert!(!xtask::services::required(), "{missing}");
        eprintln!("skipped: {missing}");
        None
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

    pub(crate) fn schema(&self) -> &str {
        &self.schema
    }

    /// The URL by which the schema is all there is.
    pub(crate) fn url(&self) -> String {
        self.url_on(self.server.as_deref().expect("there is a server"))
    }

    /// The same for another user, host or option.
    pub(crate) fn url_on(&self, server: &str) -> String {
        let separator = if server.contains('?') { '&' } else { '?' };
        format!("{server}{separator}options=-c%20search_path%3D{}", self.schema)
    }

    /// The same on the replica.
    pub(crate) fn replica_url(&self) -> String {
        self.url_on(&std::env::var(REPLICA_URL).expect("a server for tests has a replica"))
    }

    /// The parts of the URL: who, where, and which database.
    pub(crate) fn server_url(&self) -> String {
        self.server.clone().expect("there is a server")
    }

    /// Makes a user of this test's own, and gives the URL with which it comes into the schema. The roles that it
    /// has are made by the test; it goes with the place.
    pub(crate) async fn user(&self, name: &str, password: &str, encoded: &str) -> String {
        let (user, schema) = (format!("{}_{name}", self.schema), &self.schema);
        let make =
            format!("CREATE ROLE {user} LOGIN PASSWORD '{password}'; GRANT USAGE, CREATE ON SCHEMA {schema} TO {user}");
        run(&mut self.admin().await, &make).await.expect("the superuser may make users");
        self.users.lock().expect("nobody panics here").push(user.clone());
        let server = self.server_url();
        let (_, place) = server.split_once('@').expect("the URL names a user");
        self.url_on(&format!("postgres://{user}:{encoded}@{place}"))
    }

    /// Removes a role at the end.
    pub(crate) fn remove_role(&self, role: &str) {
        self.users.lock().expect("nobody panics here").push(role.to_owned());
    }

    /// A connection as the superuser.
    pub(crate) async fn admin(&self) -> PgConnection {
        let url = std::env::var(ADMIN_URL).expect("a server for tests has a superuser");
        PgConnection::connect(&self.url_on(&url)).await.expect("the superuser comes by the socket")
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

    /// Runs SQL that no trigger and no foreign key refuses any more. Tells how many rows it changed.
    pub(crate) async fn tamper(&self, sql: &str) -> u64 {
        let mut admin = self.admin().await;
        let tables = format!("SELECT tablename FROM pg_tables WHERE schemaname = '{}'", self.schema);
        for table in texts(&mut admin, &tables).await {
            run(&mut admin, &format!("ALTER TABLE {table} DISABLE TRIGGER USER")).await.expect("the superuser may");
        }
        run(&mut admin, "SET session_replication_role = replica").await.expect("the superuser may");
        run(&mut admin, sql).await.expect("the SQL is right")
    }

    /// Runs SQL as any other client would.
    pub(crate) async fn execute(&self, sql: &str) {
        let mut connection = self.plain().await;
        run(&mut connection, sql).await.expect("the SQL is right");
        connection.close().await.expect("the connection can be closed");
    }
}

/// An account that reads on the replica.
impl Place {
    /// Makes it, and gives its URL there.
    pub(crate) async fn reader(&self) -> String {
        self.user("reader", "p", "p").await;
        let schema = &self.schema;
        let grant = format!("GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {schema}_reader");
        run(&mut self.admin().await, &grant).await.expect("the superuser may grant");
        self.replica_url().replace("governance:governance@", &format!("{schema}_reader:p@"))
    }

    pub(crate) async fn can_read(&self, url: &str) -> bool {
        let Ok(mut reader) = PgConnection::connect(url).await else { return false };
        run(&mut reader, "SELECT 1 FROM governance_migrations").await.is_ok()
    }

    /// How often it is connected.
    pub(crate) async fn readers(&self) -> usize {
        let url = std::env::var(REPLICA_ADMIN_URL).expect("a replica for tests has a superuser");
        let mut admin = PgConnection::connect(&url).await.expect("the superuser comes by the socket");
        let connected = format!("SELECT 'x' FROM pg_stat_activity WHERE usename = '{}_reader'", self.schema);
        texts(&mut admin, &connected).await.len()
    }

    /// It may log in no more.
    pub(crate) async fn lock_reader(&self) {
        let lock = format!("ALTER ROLE {}_reader NOLOGIN", self.schema);
        run(&mut self.admin().await, &lock).await.expect("the superuser may");
    }

    /// It goes with the place.
    #[allow(clippy::unused_async, reason = "on another engine it has something to do")]
    pub(crate) async fn drop_reader(&self) {}
}

impl Place {
    async fn remove(&self) {
        let users = self.users.lock().expect("nobody panics here").clone();
        if users.is_empty() {
            return self.execute(&format!("DROP SCHEMA {} CASCADE", self.schema)).await;
        }
        let mut admin = self.admin().await;
        run(&mut admin, &format!("DROP SCHEMA {} CASCADE", self.schema)).await.expect("the schema is there");
        for user in users {
            run(&mut admin, &format!("DROP OWNED BY {user} CASCADE; DROP ROLE {user}"))
                .await
                .expect("the role is there");
        }
    }
}

/// Runs SQL that a test has made.
pub(crate) async fn run(connection: &mut PgConnection, sql: &str) -> sqlx::Result<u64> {
    Ok(sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await?.rows_affected())
}

/// The first column of all rows, as text. A look into the catalogue may meet what another test is
/// dropping, and fails then (XX000); so it looks again.
pub(crate) async fn texts(connection: &mut PgConnection, sql: &str) -> Vec<String> {
    loop {
        match sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut *connection).await {
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("XX000") => {}
            rows => return rows.expect("the SQL is right"),
        }
    }
}

/// A commit that sets the state and has a record of every kind, its configuration version of this
/// number.
pub(crate) fn one_of_each(key: &ExperimentKey, version: u64) -> Commit {
    let commit = Commit::builder(key, Expected::Any);
    let commit = commit.state(StateChange::to(LifecycleState::Running).by("alice"));
    commit.records(samples::one_of_each(version)).build().expect("the samples are right")
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
                runtime.block_on(self.remove());
            });
            // The server of the test may be gone, and its schema with it.
            let _ = dropped.join();
        });
    }
}
