//! A server of a test's own, to be set up otherwise, killed, or stopped.

use governance_persistence_sql::{Migrate, SqlBackplane, SqlOptions};
use xtask::services::{Directory, MariaDb, MariaDbOptions, Service};

pub(crate) struct Own {
    pub(crate) server: MariaDb,
}

impl Own {
    /// Starts it, if its programs are installed.
    pub(crate) fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// Starts it with these arguments.
    pub(crate) fn start_with(arguments: &[&str]) -> Option<Self> {
        Self::start_as(&MariaDbOptions { arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect() })
    }

    /// Starts one that others can follow.
    pub(crate) fn start_followed() -> Option<Self> {
        Self::start_as(&MariaDbOptions::followed())
    }

    fn start_as(options: &MariaDbOptions) -> Option<Self> {
        if !Service::Mariadb.is_available().expect("the programs of the server are there") {
            return None;
        }
        let directory = Directory::create().expect("a temporary directory can be made");
        let server = MariaDb::start(&directory, options).expect("the server starts");
        Some(Self { server })
    }

    /// The replica is sent what is written, and does not show it.
    pub(crate) fn hold_back(replica: &MariaDb) {
        replica.hold_back().expect("the replica answers");
    }

    /// From now on a commit is acknowledged when the replica has it, too.
    pub(crate) fn keep_in_step(&self, replica: &MariaDb) {
        replica.catch_up(&self.server).expect("the replica follows");
        let first = "SET GLOBAL rpl_semi_sync_master_wait_point = AFTER_SYNC, rpl_semi_sync_master_timeout = 3600000, \
                     rpl_semi_sync_master_enabled = 1";
        self.server.sql(first).expect("the server answers");
        let follower = "SET GLOBAL rpl_semi_sync_slave_enabled = 1; STOP SLAVE IO_THREAD; START SLAVE IO_THREAD";
        replica.sql(follower).expect("the replica answers");
        while self.status("Rpl_semi_sync_master_clients") != 1 {}
    }

    /// Is there a commit that waits for the replica?
    pub(crate) fn waits_for_the_replica(&self) -> bool {
        self.status("Rpl_semi_sync_master_wait_sessions") > 0
    }

    fn status(&self, name: &str) -> u64 {
        let status = self.server.sql(&format!("SHOW GLOBAL STATUS LIKE '{name}'")).expect("the server answers");
        status.rsplit('\t').next().and_then(|value| value.trim().parse().ok()).expect("it is a number")
    }

    pub(crate) fn let_go_on(replica: &MariaDb) {
        replica.let_go_on().expect("the replica answers");
    }

    /// It is told to take no more writes. Whoever is connected stays so.
    pub(crate) fn demote(&mut self) {
        self.server.sql("SET GLOBAL read_only = 1").expect("the server answers");
    }

    pub(crate) fn options(&self) -> SqlOptions {
        SqlOptions::new(&self.server.url()).expect("the URL is right").migrate(Migrate::OnConnect)
    }

    pub(crate) async fn connect(&self) -> SqlBackplane {
        SqlBackplane::connect(&self.options()).await.expect("the server can be reached")
    }
}
