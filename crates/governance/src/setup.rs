//! What the builder set up, shared by all managers.

use crate::recent::Recent;
use crate::{
    ApprovalGate, AuditEvent, AuditSink, Clock, Error, LifecycleTable, Listing, Operation, Policy, Result, Versioning,
    metric,
};
use governance_persistence::{
    Backplane, Commit, CommitId, Consistency, Error as BackplaneError, Expected, ExperimentKey, Head, LifecycleState,
    LogEntry, Page, Receipt, RecordType, Recorded, TimeToLive, Timestamp,
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
    pub(crate) gates: Vec<Arc<dyn ApprovalGate>>,
    pub(crate) policies: Vec<Arc<dyn Policy>>,
    pub(crate) request_lifetime: TimeToLive,
    pub(crate) versioning: Versioning,
    pub(crate) audit: Vec<Arc<dyn AuditSink>>,
    pub(crate) recent: Recent,
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

    /// What an earlier request under this id did; nothing if the caller chose none. It is looked for after the
    /// head: one whose reply was lost was either done before and is found, or comes later and is in the way of
    /// the commit.
    pub(crate) async fn done_before(&self, key: &ExperimentKey, id: Option<CommitId>) -> Result<Option<LogEntry>> {
        match id {
            Some(id) => self.entry(key, id).await,
            None => Ok(None),
        }
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

    /// Sends a commit, counts it, and tells of it.
    pub(crate) async fn commit(&self, operation: Operation, commit: &Commit) -> Result<Receipt> {
        let begun = Instant::now();
        let answer = self.backplane.commit(commit).await;
        metric::answered(operation, begun.elapsed());
        let receipt = answer.map_err(|error| Error::from(error).of_commit(commit.id()))?;
        metric::committed(operation, &receipt);
        if !receipt.replayed {
            self.recent.committed(commit, &receipt, begun);
        }
        for sink in &self.audit {
            sink.record(&AuditEvent::new(operation, receipt, commit));
        }
        Ok(receipt)
    }

    /// Sends what an entry was made of once more: the same commit, so the first receipt.
    pub(crate) async fn again(&self, operation: Operation, entry: &LogEntry) -> Result<(Commit, Receipt)> {
        let builder = Commit::builder(&entry.key, Expected::Any).id(entry.commit_id).records(entry.records.clone());
        let builder = match &entry.state {
            Some(state) => builder.state(state.clone()),
            None => builder,
        };
        let commit = builder.build()?;
        let receipt = self.commit(operation, &commit).await?;
        Ok((commit, receipt))
    }

    /// The commit id of this entry was used for another request.
    pub(crate) fn reused(entry: &LogEntry) -> Error {
        let (key, commit_id, sequence) = (entry.key.clone(), entry.commit_id, entry.sequence);
        Error::from(BackplaneError::CommitIdReused { key, commit_id, sequence }).of_commit(commit_id)
    }
}
