//! All that is written.

use super::ephemeral;
use crate::group::Queue;
use governance_persistence::{
    Commit, EphemeralId, EphemeralKind, ExperimentKey, Json, LogEntry, Receipt, Replicated, Result, TimeToLive,
};
use sea_orm::DatabaseConnection;

/// Writes: commits through the queue, ephemerals through the pool.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(super) queue: Queue,
    pub(super) db: DatabaseConnection,
}

impl Writer {
    pub(crate) async fn commit(&self, commit: &Commit) -> Result<Receipt> {
        self.queue.commit(commit).await
    }

    pub(crate) async fn replicate(&self, entry: &LogEntry) -> Result<Replicated> {
        self.queue.replicate(entry).await
    }

    pub(crate) async fn put(
        &self,
        key: &ExperimentKey,
        kind: &EphemeralKind,
        id: &EphemeralId,
        value: &Json,
        time_to_live: TimeToLive,
    ) -> Result<()> {
        ephemeral::put(&self.db, (key, kind, id), value, time_to_live).await
    }

    pub(crate) async fn remove(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<bool> {
        ephemeral::remove(&self.db, (key, kind, id)).await
    }

    pub(crate) fn check(&self) -> Result<()> {
        self.queue.check()
    }

    /// Finishes what is queued. The pool is closed by who reads.
    pub(crate) async fn close(&self) {
        self.queue.close().await;
    }
}
