//! A database of a test's own.

use async_trait::async_trait;
use governance_persistence::{Backplane, Commit, CommitId, Expected, ExperimentKey, LifecycleState, StateChange};
use governance_persistence_conformance::{Opener, samples};
use governance_persistence_sql::{Migrate, SqlBackplane, SqlOptions};
use sqlx::{AssertSqlSafe, Connection, MySqlConnection};
use std::sync::Arc;

/// Names a database, in a server where tests may make others whose names begin as its does.
const URL: &str = "GOVERNANCE_TEST_MYSQL_URL";
/// The same on the replica.
const REPLICA_URL: &str = "GOVERNANCE_TEST_MYSQL_REPLICA_URL";
/// The same on the replica for `root`.
const REPLICA_ADMIN_URL: &str = "GOVERNANCE_TEST_MYSQL_REPLICA_ADMIN_URL";
/// The same for `root`.
const ADMIN_URL: &str = "GOVERNANCE_TEST_MYSQL_ADMIN_URL";

/// Where the certificate is of the authority that the server's is from.
const CA: &str = "GOVERNANCE_TEST_CA";
/// All that tests may want beside the server itself.
const ALL: [&str; 4] = [ADMIN_URL, REPLICA_URL, REPLICA_ADMIN_URL, CA];

/// A database that is removed at the end.
pub(crate) struct Place {
    server: Option<String>,
    database: String,
}

impl Place {
    /// A new database, if there is a server.
    pub(crate) async fn new() -> Self {
        let server = std::env::var(URL).ok();
        // Where everything has to be there, a test that does not run is a test that failed.
        let required = ["CI", "GOVERNANCE_REQUIRE_ENGINES"].iter().any(|name| std::env::var_os(name).is_some());
        assert!(server.is_some() || !required, "{URL} is not set");
        let database = format!("governance_{}", CommitId::new().to_string().replace('-', "_"));
        let place = Self { server, database };
        if place.missing().is_none() {
            place.on_server(&format!("CREATE DATABASE {}", place.database)).await;
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

    /// The URL of the server's own database.
    pub(crate) fn server(&self) -> &str {
        self.server.as_deref().expect("there is a server")
    }

    /// The URL of the test's database.
    pub(crate) fn url(&self) -> String {
        self.url_on(self.server())
    }

    fn url_on(&self, server: &str) -> String {
        let (server, parameters) = server.split_once('?').unwrap_or((server, ""));
        let (server, _) = server.rsplit_once('/').expect("the URL names a database");
        format!("{server}/{}?{parameters}", self.database)
    }

    /// The same on the replica.
    pub(crate) fn replica_url(&self) -> String {
        self.url_on(&std::env::var(REPLICA_URL).expect("a server for tests has a replica"))
    }

    pub(crate) fn options(&self) -> SqlOptions {
        SqlOptions::new(&self.url()).expect("the URL is right").migrate(Migrate::OnConnect)
    }

    pub(crate) async fn connect(&self) -> SqlBackplane {
        SqlBackplane::connect(&self.options()).await.expect("the server can be reached")
    }

    /// A connection as any other client would have one.
    pub(crate) async fn plain(&self) -> MySqlConnection {
        MySqlConnection::connect(&self.url()).await.expect("the server can be reached")
    }

    /// Runs SQL that no trigger and no foreign key refuses any more. Tells how many rows it changed.
    pub(crate) async fn tamper(&self, sql: &str) -> u64 {
        let mut plain = self.plain().await;
        let triggers = "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()";
        for trigger in texts(&mut plain, triggers).await {
            run(&mut plain, &format!("DROP TRIGGER {trigger}")).await.expect("the owner may");
        }
        run(&mut plain, "SET SESSION foreign_key_checks = 0").await.expect("every session may");
        run(&mut plain, sql).await.expect("the SQL is right")
    }

    /// Runs SQL as any other client would.
    pub(crate) async fn execute(&self, sql: &str) {
        run(&mut self.plain().await, sql).await.expect("the SQL is right");
    }

    /// A connection as `root`.
    pub(crate) async fn admin(&self) -> MySqlConnection {
        let url = std::env::var(ADMIN_URL).expect("a server for tests has a root");
        let mut admin = MySqlConnection::connect(&url).await.expect("root comes by the socket");
        run(&mut admin, &format!("USE {}", self.database)).await.expect("the database is there");
        admin
    }

    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    async fn on_server(&self, sql: &str) {
        let server = MySqlConnection::connect(self.server()).await;
        run(&mut server.expect("the server can be reached"), sql).await.expect("the SQL is right");
    }
}

/// An account that reads on the replica.
impl Place {
    fn reader_name(&self) -> String {
        format!("r{}", &self.database[self.database.len() - 12..])
    }

    /// Makes it, and gives its URL there.
    pub(crate) async fn reader(&self) -> String {
        let (name, database) = (self.reader_name(), &self.database);
        let make =
            format!("CREATE USER {name}@127.0.0.1 IDENTIFIED BY 'p'; GRANT SELECT ON {database}.* TO {name}@127.0.0.1");
        run(&mut self.admin().await, &make).await.expect("root may make users");
        self.replica_url().replace("governance:governance@", &format!("{name}:p@"))
    }

    pub(crate) async fn can_read(&self, url: &str) -> bool {
        let Ok(mut reader) = MySqlConnection::connect(url).await else { return false };
        run(&mut reader, "SELECT 1 FROM governance_migrations").await.is_ok()
    }

    /// How often it is connected.
    pub(crate) async fn readers(&self) -> usize {
        let url = std::env::var(REPLICA_ADMIN_URL).expect("a replica for tests has a root");
        let mut admin = MySqlConnection::connect(&url).await.expect("root comes by the socket");
        let connected = format!("SELECT 'x' FROM information_schema.PROCESSLIST WHERE USER = '{}'", self.reader_name());
        texts(&mut admin, &connected).await.len()
    }

    /// It may log in no more.
    pub(crate) async fn lock_reader(&self) {
        let lock = format!("ALTER USER {}@127.0.0.1 ACCOUNT LOCK", self.reader_name());
        run(&mut self.admin().await, &lock).await.expect("root may");
    }

    pub(crate) async fn drop_reader(&self) {
        let drop = format!("DROP USER {}@127.0.0.1", self.reader_name());
        run(&mut self.admin().await, &drop).await.expect("root may");
    }
}

/// Runs SQL that a test has made. Tells how many rows it changed.
pub(crate) async fn run(connection: &mut MySqlConnection, sql: &str) -> sqlx::Result<u64> {
    Ok(sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await?.rows_affected())
}

/// The first column of all rows, as text.
pub(crate) async fn texts(connection: &mut MySqlConnection, sql: &str) -> Vec<String> {
    let rows = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(connection).await;
    rows.expect("the SQL is right")
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
        self.server.is_none().then(|| format!("there is no MySQL or MariaDB server: {URL} is not set"))
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
                runtime.block_on(self.on_server(&format!("DROP DATABASE {}", self.database)));
            });
            // The server of the test may be gone, and its database with it.
            let _ = dropped.join();
        });
    }
}
