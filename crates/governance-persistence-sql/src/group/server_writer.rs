//! All that is written to a server: commits through the queue, ephemerals through the pool.

use super::Queue;
use crate::pool::{Engine, Pool};
use governance_persistence::{
    Commit, EphemeralId, EphemeralKind, Error, ExperimentKey, Json, LogEntry, Receipt, Replicated, Result, TimeToLive,
};
use std::fmt::Debug;
use std::future::Future;
use std::marker::PhantomData;
use std::time::Duration;

/// How an engine writes ephemerals.
pub(crate) trait Ephemerals: Debug + Send + Sync {
    type Engine: Engine;

    fn put(
        db: &Pool<Self::Engine>,
        place: Place<'_>,
        value: &Json,
        time_to_live: TimeToLive,
    ) -> impl Future<Output = Result<()>> + Send;

    fn remove(db: &Pool<Self::Engine>, place: Place<'_>) -> impl Future<Output = Result<bool>> + Send;
}

/// What names an ephemeral.
pub(crate) type Place<'a> = (&'a ExperimentKey, &'a EphemeralKind, &'a EphemeralId);

/// Writes to one server.
#[derive(Debug)]
pub(crate) struct ServerWriter<E: Ephemerals> {
    queue: Queue,
    db: Pool<E::Engine>,
    /// The longest that writing an ephemeral may take.
    deadline: Duration,
    ephemerals: PhantomData<E>,
}

impl<E: Ephemerals> ServerWriter<E> {
    pub(crate) fn new(queue: Queue, db: Pool<E::Engine>, deadline: Duration) -> Self {
        Self { queue, db, deadline, ephemerals: PhantomData }
    }

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
        self.within(E::put(&self.db, (key, kind, id), value, time_to_live)).await
    }

    pub(crate) async fn remove(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<bool> {
        self.within(E::remove(&self.db, (key, kind, id))).await
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
