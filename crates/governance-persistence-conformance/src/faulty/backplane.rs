//! The trait: every call meets its fate.

use super::{Deed, Faulty};
use async_trait::async_trait;
use governance_persistence::{
    Backplane, Commit, CommitId, Consistency, Ephemeral, ExperimentKey, ExperimentsQuery, Head, HistoryQuery, LogEntry,
    LookUp, Page, PageSize, Receipt, Record, Recorded, Replicated, Result, Sequence,
};

#[async_trait]
impl<B: Backplane> Backplane for Faulty<B> {
    async fn commit(&self, commit: &Commit) -> Result<Receipt> {
        self.meet_doing(self.inner.commit(commit), |receipt| {
            (!receipt.replayed).then(|| Deed::Applied(commit.key().clone(), commit.id()))
        })
        .await
    }

    async fn replicate(&self, entry: &LogEntry) -> Result<Replicated> {
        self.meet_doing(self.inner.replicate(entry), |replicated| {
            (*replicated == Replicated::Applied).then(|| Deed::Replicated(entry.key.clone(), entry.sequence))
        })
        .await
    }

    async fn entry(&self, key: &ExperimentKey, id: CommitId, consistency: Consistency) -> Result<Option<LogEntry>> {
        self.meet(self.inner.entry(key, id, consistency)).await
    }

    async fn head(&self, key: &ExperimentKey, consistency: Consistency) -> Result<Head> {
        self.meet(self.inner.head(key, consistency)).await
    }

    async fn log(
        &self,
        key: &ExperimentKey,
        after: Sequence,
        limit: PageSize,
        consistency: Consistency,
    ) -> Result<Vec<LogEntry>> {
        self.meet(self.inner.log(key, after, limit, consistency)).await
    }

    async fn history(
        &self,
        key: &ExperimentKey,
        query: &HistoryQuery,
        consistency: Consistency,
    ) -> Result<Page<Recorded<Record>>> {
        self.meet(self.inner.history(key, query, consistency)).await
    }

    async fn look_up(
        &self,
        key: &ExperimentKey,
        look_up: LookUp<'_>,
        consistency: Consistency,
    ) -> Result<Vec<Recorded<Record>>> {
        self.meet(self.inner.look_up(key, look_up, consistency)).await
    }

    async fn experiments(&self, query: &ExperimentsQuery, consistency: Consistency) -> Result<Page<Head>> {
        self.meet(self.inner.experiments(query, consistency)).await
    }

    fn ephemeral(&self) -> &dyn Ephemeral {
        self
    }

    async fn ping(&self) -> Result<()> {
        self.meet(self.inner.ping()).await
    }

    async fn close(&self) -> Result<()> {
        self.meet(self.inner.close()).await
    }
}
