//! The trait: every call, made until it is answered.

use super::Retrying;
use crate::{
    Backplane, Commit, CommitId, Consistency, Ephemeral, ExperimentKey, ExperimentsQuery, Head, HistoryQuery, LogEntry,
    LookUp, Page, PageSize, Receipt, Record, Recorded, Replicated, Result, Sequence,
};
use async_trait::async_trait;

#[async_trait]
impl<B: Backplane> Backplane for Retrying<B> {
    async fn commit(&self, commit: &Commit) -> Result<Receipt> {
        self.until_answered(|| self.inner.commit(commit)).await
    }

    async fn replicate(&self, entry: &LogEntry) -> Result<Replicated> {
        self.until_answered(|| self.inner.replicate(entry)).await
    }

    async fn entry(&self, key: &ExperimentKey, id: CommitId, consistency: Consistency) -> Result<Option<LogEntry>> {
        self.until_answered(|| self.inner.entry(key, id, consistency)).await
    }

    async fn head(&self, key: &ExperimentKey, consistency: Consistency) -> Result<Head> {
        self.until_answered(|| self.inner.head(key, consistency)).await
    }

    async fn log(
        &self,
        key: &ExperimentKey,
        after: Sequence,
        limit: PageSize,
        consistency: Consistency,
    ) -> Result<Vec<LogEntry>> {
        self.until_answered(|| self.inner.log(key, after, limit, consistency)).await
    }

    async fn history(
        &self,
        key: &ExperimentKey,
        query: &HistoryQuery,
        consistency: Consistency,
    ) -> Result<Page<Recorded<Record>>> {
        self.until_answered(|| self.inner.history(key, query, consistency)).await
    }

    async fn look_up(
        &self,
        key: &ExperimentKey,
        look_up: LookUp<'_>,
        consistency: Consistency,
    ) -> Result<Vec<Recorded<Record>>> {
        self.until_answered(|| self.inner.look_up(key, look_up, consistency)).await
    }

    async fn experiments(&self, query: &ExperimentsQuery, consistency: Consistency) -> Result<Page<Head>> {
        self.until_answered(|| self.inner.experiments(query, consistency)).await
    }

    fn ephemeral(&self) -> &dyn Ephemeral {
        self
    }

    async fn ping(&self) -> Result<()> {
        self.until_answered(|| self.inner.ping()).await
    }

    async fn close(&self) -> Result<()> {
        self.drain_and_close().await
    }
}
