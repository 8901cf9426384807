//! The backplane: each method brings the index level with the file, and lets it answer.

use super::journal::Journal;
use async_trait::async_trait;
use governance_persistence::{
    Backplane, Commit, CommitId, Consistency, Ephemeral, Error, ExperimentKey, ExperimentsQuery, Head, HistoryQuery,
    LogEntry, LookUp, Page, PageSize, Receipt, Record, Recorded, Replicated, Result, Sequence,
};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};
use tokio::task::spawn_blocking;

/// A backplane on a file of JSON Lines. Each handle has a file and an index of its own.
#[derive(Debug)]
pub(crate) struct JsonLines {
    /// None once it was closed.
    journal: Arc<Mutex<Option<Journal>>>,
}

/// The journal of an open handle, whose turn it is.
type Turn = OwnedMappedMutexGuard<Option<Journal>, Journal>;

impl JsonLines {
    /// Opens the file, or makes it.
    pub(crate) async fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let journal = blocking(move || Journal::open(path)).await?;
        Ok(Self { journal: Arc::new(Mutex::new(Some(journal))) })
    }

    async fn turn(&self) -> Result<Turn> {
        let journal = self.journal.clone().lock_owned().await;
        OwnedMutexGuard::try_map(journal, Option::as_mut)
            .map_err(|_| Error::not_applied("the backplane was closed", None))
    }

    /// Does blocking work. Once begun it is done to its end, whether or not the caller waits for it.
    pub(crate) async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Journal) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let mut turn = self.turn().await?;
        blocking(move || work(&mut turn)).await
    }

    /// The journal, level with the file.
    async fn level(&self) -> Result<Turn> {
        let mut turn = self.turn().await?;
        blocking(move || turn.catch_up().map(|()| turn)).await
    }
}

/// Runs work where it may block. It cannot be cancelled, only left alone.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Error::unknown("the work was given up", Some(error.into()))))
}

#[async_trait]
impl Backplane for JsonLines {
    async fn commit(&self, commit: &Commit) -> Result<Receipt> {
        let commit = commit.clone();
        self.with(move |journal| journal.commit(&commit)).await
    }

    async fn replicate(&self, entry: &LogEntry) -> Result<Replicated> {
        let entry = entry.clone();
        self.with(move |journal| journal.replicate(&entry)).await
    }

    async fn entry(&self, key: &ExperimentKey, id: CommitId, consistency: Consistency) -> Result<Option<LogEntry>> {
        self.level().await?.index().entry(key, id, consistency).await
    }

    async fn head(&self, key: &ExperimentKey, consistency: Consistency) -> Result<Head> {
        self.level().await?.index().head(key, consistency).await
    }

    async fn log(
        &self,
        key: &ExperimentKey,
        after: Sequence,
        limit: PageSize,
        consistency: Consistency,
    ) -> Result<Vec<LogEntry>> {
        self.level().await?.index().log(key, after, limit, consistency).await
    }

    async fn history(
        &self,
        key: &ExperimentKey,
        query: &HistoryQuery,
        consistency: Consistency,
    ) -> Result<Page<Recorded<Record>>> {
        self.level().await?.index().history(key, query, consistency).await
    }

    async fn look_up(
        &self,
        key: &ExperimentKey,
        look_up: LookUp<'_>,
        consistency: Consistency,
    ) -> Result<Vec<Recorded<Record>>> {
        self.level().await?.index().look_up(key, look_up, consistency).await
    }

    async fn experiments(&self, query: &ExperimentsQuery, consistency: Consistency) -> Result<Page<Head>> {
        self.level().await?.index().experiments(query, consistency).await
    }

    fn ephemeral(&self) -> &dyn Ephemeral {
        self
    }

    async fn ping(&self) -> Result<()> {
        self.level().await.map(drop)
    }

    async fn close(&self) -> Result<()> {
        // Whoever was before us in the queue is done by then; whoever comes later finds none.
        self.journal.lock().await.take();
        Ok(())
    }
}
