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
}

/// A commit that sets the state and has a record of every kind, its configuration version of this
/// number.
pub(crate) fn one_of_each(key: &ExperimentKey, version: u64) -> Commit {
    let commit = Commit::builder(key, Expected::Any);
    let commit = commit.state(StateChange::to(LifecycleState::Running).by("alice"));
    commit.records(samples::one_of_each(version)).build().expect("the samples are right")
}
