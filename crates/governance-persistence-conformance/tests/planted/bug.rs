//! What a bug is: a change to some calls. All others are answered by the in-memory backplane.

pub(crate) use async_trait::async_trait;
pub(crate) use governance_persistence::*;

use governance_persistence_conformance::Opener;
use std::fmt::Debug;
use std::sync::Arc;

/// A bug. The handles on one place share it, with what it remembers.
#[async_trait]
pub(crate) trait Bug: Debug + Send + Sync {
    /// What a new handle works on.
    fn open(&self, place: &InMemoryBackplane) -> InMemoryBackplane {
        place.clone()
    }

    async fn commit(&self, inner: &InMemoryBackplane, commit: &Commit) -> Result<Receipt> {
        inner.commit(commit).await
    }

    async fn replicate(&self, inner: &InMemoryBackplane, entry: &LogEntry) -> Result<Replicated> {
        inner.replicate(entry).await
    }

    async fn entry(&self, inner: &InMemoryBackplane, key: &ExperimentKey, id: CommitId) -> Result<Option<LogEntry>> {
        inner.entry(key, id, Consistency::Strong).await
    }

    async fn head(&self, inner: &InMemoryBackplane, key: &ExperimentKey) -> Result<Head> {
        inner.head(key, Consistency::Strong).await
    }

    async fn log(
        &self,
        inner: &InMemoryBackplane,
        key: &ExperimentKey,
        after: Sequence,
        limit: PageSize,
    ) -> Result<Vec<LogEntry>> {
        inner.log(key, after, limit, Consistency::Strong).await
    }

    async fn history(
        &self,
        inner: &InMemoryBackplane,
        key: &ExperimentKey,
        query: &HistoryQuery,
    ) -> Result<Page<Recorded<Record>>> {
        inner.history(key, query, Consistency::Strong).await
    }

    async fn look_up(
        &self,
        inner: &InMemoryBackplane,
        key: &ExperimentKey,
        look_up: LookUp<'_>,
    ) -> Result<Vec<Recorded<Record>>> {
        inner.look_up(key, look_up, Consistency::Strong).await
    }

    async fn experiments(&self, inner: &InMemoryBackplane, query: &ExperimentsQuery) -> Result<Page<Head>> {
        inner.experiments(query, Consistency::Strong).await
    }

    async fn remove(
        &self,
        inner: &InMemoryBackplane,
        key: &ExperimentKey,
        kind: &EphemeralKind,
        id: &EphemeralId,
    ) -> Result<bool> {
        inner.remove(key, kind, id).await
    }

    /// The experiment among whose ephemerals a value is looked for.
    fn ephemerals_of(&self, key: &ExperimentKey) -> ExperimentKey {
        key.clone()
    }

    async fn close(&self, inner: &InMemoryBackplane) -> Result<()> {
        inner.close().await
    }
}

/// A place with a bug.
pub(crate) fn place(bug: Arc<dyn Bug>) -> impl Opener + use<> {
    let place = InMemoryBackplane::new();
    move || std::future::ready(Planted { inner: bug.open(&place), bug: bug.clone() })
}

/// A handle on it.
#[derive(Debug)]
struct Planted {
    inner: InMemoryBackplane,
    bug: Arc<dyn Bug>,
}

#[async_trait]
impl Backplane for Planted {
    async fn commit(&self, commit: &Commit) -> Result<Receipt> {
        self.bug.commit(&self.inner, commit).await
    }

    async fn replicate(&self, entry: &LogEntry) -> Result<Replicated> {
        self.bug.replicate(&self.inner, entry).await
    }

    async fn entry(&self, key: &ExperimentKey, id: CommitId, _: Consistency) -> Result<Option<LogEntry>> {
        self.bug.entry(&self.inner, key, id).await
    }

    async fn head(&self, key: &ExperimentKey, _: Consistency) -> Result<Head> {
        self.bug.head(&self.inner, key).await
    }

    async fn log(
        &self,
        key: &ExperimentKey,
        after: Sequence,
        limit: PageSize,
        _: Consistency,
    ) -> Result<Vec<LogEntry>> {
        self.bug.log(&self.inner, key, after, limit).await
    }

    async fn history(
        &self,
        key: &ExperimentKey,
        query: &HistoryQuery,
        _: Consistency,
    ) -> Result<Page<Recorded<Record>>> {
        self.bug.history(&self.inner, key, query).await
    }

    async fn look_up(&self, key: &ExperimentKey, look_up: LookUp<'_>, _: Consistency) -> Result<Vec<Recorded<Record>>> {
        self.bug.look_up(&self.inner, key, look_up).await
    }

    async fn experiments(&self, query: &ExperimentsQuery, _: Consistency) -> Result<Page<Head>> {
        self.bug.experiments(&self.inner, query).await
    }

    fn ephemeral(&self) -> &dyn Ephemeral {
        self
    }

    async fn ping(&self) -> Result<()> {
        self.inner.ping().await
    }

    async fn close(&self) -> Result<()> {
        self.bug.close(&self.inner).await
    }
}

#[async_trait]
impl Ephemeral for Planted {
    async fn put(
        &self,
        key: &ExperimentKey,
        kind: &EphemeralKind,
        id: &EphemeralId,
        value: &Json,
        time_to_live: TimeToLive,
    ) -> Result<()> {
        self.inner.put(&self.bug.ephemerals_of(key), kind, id, value, time_to_live).await
    }

    async fn get(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<Option<EphemeralItem>> {
        self.inner.get(&self.bug.ephemerals_of(key), kind, id).await
    }

    async fn list(&self, key: &ExperimentKey, kind: &EphemeralKind) -> Result<Vec<EphemeralItem>> {
        self.inner.list(&self.bug.ephemerals_of(key), kind).await
    }

    async fn remove(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<bool> {
        self.bug.remove(&self.inner, &self.bug.ephemerals_of(key), kind, id).await
    }
}
