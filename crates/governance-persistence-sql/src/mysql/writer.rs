//! All that is written.

use super::ephemeral;
use crate::group::Queue;
use governance_persistence::{
    Commit, EphemeralId, EphemeralKind, Error, ExperimentKey, Json, LogEntry, Receipt, Replicated, Result, TimeToLive,
};
use sea_orm::DatabaseConnection;
use std::future::Future;
use std::time::Duration;

/// Writes: commits through the queue, ephemerals through the pool.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(super) queue: Queue,
    pub(super) db: DatabaseConnection,
    /// The longest that writing an ephemeral may take.
    pub(super) deadline: Duration,
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
        self.within(ephemeral::put(&self.db, (key, kind, id), value, time_to_live)).await
    }

    pub(crate) async fn remove(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<bool> {
        self.within(ephemeral::remove(&self.db, (key, kind, id))).await
    }

    async fn within<T>(&self, write: impl Future<Output = Result<T>>) -> Result<T> {
        let late = |_| Err(Error::unknown("the server did not answer within statementTimeout", None));
        tokio::time::timeout(self.deadline, write).await.unwrap_or_else(late)
    }

    pub(crate) fn check(&self) -> Result<()> {
        self.queue.check()
    }

    /// Finishes what is queued. The pool is closed by who reads.
    pub(crate) async fn close(&self) {
        self.queue.close().await;
    }
}
