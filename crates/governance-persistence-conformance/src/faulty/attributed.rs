//! Answers corrected by what only the one who lost the replies can know.

use super::{Deed, Faults};
use async_trait::async_trait;
use governance_persistence::{
    Backplane, Commit, CommitId, Consistency, Ephemeral, EphemeralId, EphemeralItem, EphemeralKind, ExperimentKey,
    ExperimentsQuery, Head, HistoryQuery, Json, LogEntry, LookUp, Page, PageSize, Receipt, Record, Recorded,
    Replicated, Result, Sequence, TimeToLive,
};

/// Gives the deed back to the one whose reply was lost, so that the suite can stay strict.
///
/// When the reply about an applied commit is lost, everybody who sends it again is rightly told
/// that it was applied before: who did it, nobody can tell. But the cases demand it to the letter:
/// what is new is told as new, and of many who send one commit, one is told so.
/// [`Faulty`](super::Faulty) knows whose reply it lost. So this wrapper, around what sends again
/// what `Faulty` lost, tells the first one who asks again that it was applied now. The same for
/// entries that are replicated and ephemerals that are removed. All else is handed on.
#[derive(Debug)]
pub struct Attributed<B> {
    inner: B,
    faults: Faults,
}

impl<B> Attributed<B> {
    /// Wraps what sends again the calls that met these faults.
    pub fn new(inner: B, faults: &Faults) -> Self {
        Self { inner, faults: faults.clone() }
    }
}

#[async_trait]
impl<B: Backplane> Backplane for Attributed<B> {
    async fn commit(&self, commit: &Commit) -> Result<Receipt> {
        let mut receipt = self.inner.commit(commit).await?;
        let deed = Deed::Applied(commit.key().clone(), commit.id());
        receipt.replayed = receipt.replayed && !self.faults.tell(&deed);
        Ok(receipt)
    }

    async fn replicate(&self, entry: &LogEntry) -> Result<Replicated> {
        let replicated = self.inner.replicate(entry).await?;
        let late = replicated == Replicated::AlreadyApplied;
        let ours = late && self.faults.tell(&Deed::Replicated(entry.key.clone(), entry.sequence));
        Ok(if ours { Replicated::Applied } else { replicated })
    }

    async fn entry(&self, key: &ExperimentKey, id: CommitId, consistency: Consistency) -> Result<Option<LogEntry>> {
        self.inner.entry(key, id, consistency).await
    }

    async fn head(&self, key: &ExperimentKey, consistency: Consistency) -> Result<Head> {
        self.inner.head(key, consistency).await
    }

    async fn log(
        &self,
        key: &ExperimentKey,
        after: Sequence,
        limit: PageSize,
        consistency: Consistency,
    ) -> Result<Vec<LogEntry>> {
        self.inner.log(key, after, limit, consistency).await
    }

    async fn history(
        &self,
        key: &ExperimentKey,
        query: &HistoryQuery,
        consistency: Consistency,
    ) -> Result<Page<Recorded<Record>>> {
        self.inner.history(key, query, consistency).await
    }

    async fn look_up(
        &self,
        key: &ExperimentKey,
        look_up: LookUp<'_>,
        consistency: Consistency,
    ) -> Result<Vec<Recorded<Record>>> {
        self.inner.look_up(key, look_up, consistency).await
    }

    async fn experiments(&self, query: &ExperimentsQuery, consistency: Consistency) -> Result<Page<Head>> {
        self.inner.experiments(query, consistency).await
    }

    fn ephemeral(&self) -> &dyn Ephemeral {
        self
    }

    async fn ping(&self) -> Result<()> {
        self.inner.ping().await
    }

    async fn close(&self) -> Result<()> {
        self.inner.close().await
    }
}

#[async_trait]
impl<B: Backplane> Ephemeral for Attributed<B> {
    async fn put(
        &self,
        key: &ExperimentKey,
        kind: &EphemeralKind,
        id: &EphemeralId,
        value: &Json,
        time_to_live: TimeToLive,
    ) -> Result<()> {
        self.inner.ephemeral().put(key, kind, id, value, time_to_live).await
    }

    async fn get(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<Option<EphemeralItem>> {
        self.inner.ephemeral().get(key, kind, id).await
    }

    async fn list(&self, key: &ExperimentKey, kind: &EphemeralKind) -> Result<Vec<EphemeralItem>> {
        self.inner.ephemeral().list(key, kind).await
    }

    async fn remove(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<bool> {
        let removed = self.inner.ephemeral().remove(key, kind, id).await?;
        // Told in any case: what was put and removed since is another value.
        let ours = self.faults.tell(&Deed::Removed(key.clone(), kind.clone(), id.clone()));
        Ok(removed || ours)
    }
}
