//! A database file of a test's own.

use async_trait::async_trait;
use governance_persistence::Backplane;
use governance_persistence_conformance::Opener;
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
