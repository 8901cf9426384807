//! A server of a test's own, to be killed, stopped or cut off.

use governance_persistence_sql::{Migrate, SqlBackplane, SqlOptions};
use xtask::services::{Directory, Postgres, PostgresOptions, Service};

pub(crate) struct Own {
    pub(crate) server: Postgres,
}

impl Own {
    /// Starts it, if its programs are installed.
    pub(crate) fn start() -> Option<Self> {
        if !Service::Postgres.is_available().expect("the programs of the server are there") {
            return None;
        }
        let directory = Directory::create().expect("a temporary directory can be made");
        // A test that stops it has few connections.
        let server = Postgres::start(&directory, &PostgresOptions::default()).expect("the server starts");
        Some(Self { server })
    }

    /// Starts one that others can follow. All can be.
    pub(crate) fn start_followed() -> Option<Self> {
        Self::start()
    }

    /// The replica is sent what is written, and does not show it.
    pub(crate) fn hold_back(replica: &Postgres) {
        replica.sql("postgres", "SELECT pg_wal_replay_pause()").expect("the replica answers");
    }

    /// From now on a commit is acknowledged when the replica has it, too.
    pub(crate) fn keep_in_step(&self, replica: &Postgres) {
        replica.catch_up(&self.server).expect("the replica follows");
        for statement in ["ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"] {
            self.server.sql("postgres", statement).expect("the server answers");
        }
        let in_step = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'";
        while self.server.sql("postgres", in_step).expect("the server answers") != "1" {}
    }

    /// Is there a commit that waits for the replica?
    pub(crate) fn waits_for_the_replica(&self) -> bool {
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        self.server.sql("postgres", waiting).expect("the server answers") != "0"
    }

    pub(crate) fn let_go_on(replica: &Postgres) {
        replica.sql("postgres", "SELECT pg_wal_replay_resume()").expect("the replica answers");
    }

    /// It comes back as a standby, which is how a primary becomes one.
    pub(crate) fn demote(&mut self) {
        self.server.stop().expect("the server stops");
        std::fs::write(self.server.data().join("standby.signal"), "").expect("its directory is ours");
        self.server.restart().expect("the server starts");
    }

    pub(crate) fn options(&self) -> SqlOptions {
        SqlOptions::new(&self.server.url()).expect("the URL is right").migrate(Migrate::OnConnect)
    }

    pub(crate) async fn connect(&self) -> SqlBackplane {
        SqlBackplane::connect(&self.options()).await.expect("the server can be reached")
    }
}
