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
