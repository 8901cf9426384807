//! A file of a test's own, which the suite opens as often as it likes.

use super::JsonLines;
use async_trait::async_trait;
use governance_persistence::Backplane;
use governance_persistence_conformance::Opener;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary directory can be made") }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("governance.jsonl")
    }

    pub(crate) async fn json_lines(&self) -> JsonLines {
        JsonLines::open(self.path()).await.expect("the file can be opened")
    }
}

#[async_trait]
impl Opener for Place {
    async fn open(&self) -> Arc<dyn Backplane> {
        Arc::new(self.json_lines().await)
    }
}
