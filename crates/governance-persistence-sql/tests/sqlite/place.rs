//! A database file of a test's own.

use async_trait::async_trait;
use governance_persistence::{Backplane, Commit, Expected, ExperimentKey, LifecycleState, StateChange};
use governance_persistence_conformance::{Opener, samples};
use governance_persistence_sql::{Migrate, SqlBackplane, SqlOptions};
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

/// A directory that is removed at the end, with a file that is not there yet.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary directory can be made") }
    }

    /// As a server's place has it. A file needs nobody.
    pub(crate) async fn with_all_or_skip() -> Option<Self> {
        Some(Self::new())
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("governance.db")
    }

    pub(crate) fn options(&self) -> SqlOptions {
        let url = format!("sqlite:{}", self.path().display());
        SqlOptions::new(&url).expect("the URL is right").migrate(Migrate::OnConnect)
    }

    pub(crate) async fn connect(&self) -> SqlBackplane {
        SqlBackplane::connect(&self.options()).await.expect("the file can be opened")
    }
}

#[async_trait]
impl Opener for Place {
    async fn open(&self) -> Arc<dyn Backplane> {
        Arc::new(self.connect().await)
    }
}

impl Place {
    /// A connection as any other program would open one: without our settings.
    pub(crate) fn plain(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path()).expect("the file is there")
    }

    /// Runs SQL that no trigger and no foreign key refuses any more. Tells how many rows it changed.
    pub(crate) async fn tamper(&self, sql: &str) -> u64 {
        let plain = self.plain();
        let mut triggers = plain.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").expect("it is SQL");
        let names = triggers.query_map([], |row| row.get::<_, String>(0)).expect("there are triggers");
        let drop: Vec<_> = names.map(|name| format!("DROP TRIGGER {};", name.expect("it is text"))).collect();
        plain.execute_batch(&drop.concat()).expect("triggers can be dropped");
        plain.pragma_update(None, "foreign_keys", "OFF").expect("a connection may");
        plain.execute(sql, []).expect("the SQL is right") as u64
    }
}

/// A commit that sets the state and has a record of every kind, its configuration version of this
/// number.
pub(crate) fn one_of_each(key: &ExperimentKey, version: u64) -> Commit {
    let commit = Commit::builder(key, Expected::Any);
    let commit = commit.state(StateChange::to(LifecycleState::Running).by("alice"));
    commit.records(samples::one_of_each(version)).build().expect("the samples are right")
}
