//! What the builder set up, shared by all managers.

use crate::{Clock, LifecycleTable, Listing, Result};
use governance_persistence::{
    Backplane, Commit, CommitId, Consistency, ExperimentKey, Head, LifecycleState, LogEntry, Page, Receipt, RecordType,
    Recorded, Timestamp,
};
use std::sync::Arc;
use std::time::{Duration, Instant};

#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) backplane: Arc<dyn Backplane>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) table: LifecycleTable,
    pub(crate) initial: LifecycleState,
    pub(crate) deadline: Duration,
}

impl Setup {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) async fn head(&self, key: &ExperimentKey) -> Result<Head> {
        Ok(self.backplane.head(key, Consistency::Strong).await?)
    }

    pub(crate) async fn entry(&self, key: &ExperimentKey, id: CommitId) -> Result<Option<LogEntry>> {
        Ok(self.backplane.entry(key, id, Consistency::Strong).await?)
    }

    /// The lifecycle state at this head: the initial one if none was ever saved.
    pub(crate) fn state_at(&self, head: &Head) -> LifecycleState {
        head.state.as_ref().map_or(self.initial, |state| state.lifecycle_state)
    }

    /// A page of the experiment's records of one type.
    pub(crate) async fn page<R: RecordType>(
        &self,
        key: &ExperimentKey,
        listing: &Listing,
    ) -> Result<Page<Recorded<R>>> {
        let page = self.backplane.history(key, &listing.query(R::KIND)?, Consistency::Strong).await?;
        let items = page.items.into_iter().map(Recorded::typed).collect::<Result<_, _>>()?;
        Ok(Page { items, next: page.next })
    }

    /// Sends a commit, and counts it.
    pub(crate) async fn commit(&self, operation: &'static str, commit: &Commit) -> Result<Receipt> {
        let begun = Instant::now();
        let answer = self.backplane.commit(commit).await;
        metrics::histogram!("governance_commit_duration_seconds", "operation" => operation).record(begun.elapsed());
        let receipt = answer.map_err(|error| crate::Error::from(error).of_commit(commit.id()))?;
        let count = if receipt.replayed { "governance_replays_total" } else { "governance_commits_total" };
        metrics::counter!(count, "operation" => operation).increment(1);
        Ok(receipt)
    }
}
