//! Conveniences for every backplane: one record at a time, whole histories, streams.

mod next_version;
mod stream;

use crate::{
    ApprovalRecord, Backplane, Commit, CommitId, ConfigurationDraft, ConfigurationVersion, Consistency, Error,
    Expected, ExperimentKey, ExperimentState, ExperimentsQuery, Head, HistoryQuery, LogEntry, LookUp, PageSize,
    PolicyDefinition, PolicyEvaluation, Receipt, Record, RecordId, RecordType, Recorded, Result, Sequence, StateChange,
    StateTransition, VersionNumber,
};
use async_trait::async_trait;
use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use std::sync::Arc;

/// What every backplane can do besides, in terms of the few methods it must have.
///
/// The single-record operations make a commit whose id follows from the record's, so calling them
/// again with the same record is a replay and not a second record. They expect nothing
/// ([`Expected::Any`]). All reads are [`Strong`](Consistency::Strong).
#[async_trait]
pub trait BackplaneExt: Backplane {
    /// The current state, if one was ever saved.
    async fn get_experiment_state(&self, key: &ExperimentKey) -> Result<Option<Arc<ExperimentState>>> {
        Ok(self.head(key, Consistency::Strong).await?.state)
    }

    /// Saves a new current state if what is `expected` is true. Each call is a commit of its own:
    /// who needs a safe retry builds the [`Commit`] and keeps it.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] when it is not, with the head that is there now.
    async fn save_experiment_state(
        &self,
        key: &ExperimentKey,
        state: StateChange,
        expected: Expected,
    ) -> Result<Receipt> {
        self.commit(&Commit::builder(key, expected).state(state).build()?).await
    }

    /// Appends a transition to the history; the current state stays as it is.
    async fn append_state_transition(&self, key: &ExperimentKey, transition: StateTransition) -> Result<Receipt> {
        append(self, key, transition).await
    }

    /// All transitions, oldest first. For long histories see [`history_stream`](Self::history_stream).
    async fn get_state_transition_history(&self, key: &ExperimentKey) -> Result<Vec<Recorded<StateTransition>>> {
        all(self, key).await
    }

    /// Appends an approval, or the request for one.
    async fn append_approval_record(&self, key: &ExperimentKey, approval: ApprovalRecord) -> Result<Receipt> {
        append(self, key, approval).await
    }

    /// All approvals, oldest first.
    async fn get_approval_records(&self, key: &ExperimentKey) -> Result<Vec<Recorded<ApprovalRecord>>> {
        all(self, key).await
    }

    /// The approvals for one transition, oldest first.
    async fn get_approval_records_by_transition(
        &self,
        key: &ExperimentKey,
        transition_id: RecordId,
    ) -> Result<Vec<Recorded<ApprovalRecord>>> {
        found(self, key, LookUp::Approvals(transition_id)).await
    }

    /// Appends a configuration version. Its number must follow the latest one.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] when it does not.
    async fn append_configuration_version(
        &self,
        key: &ExperimentKey,
        version: ConfigurationVersion,
    ) -> Result<Receipt> {
        append(self, key, version).await
    }

    /// Appends a configuration under the next free number, and tells which it is. Its record id
    /// follows from the commit id: calling again with the same id and draft is a replay.
    ///
    /// # Errors
    ///
    /// [`Error::CommitIdReused`] when the id was used for something else; [`Error::Conflict`] when
    /// other writers took the number too many times in a row.
    async fn append_next_configuration_version(
        &self,
        key: &ExperimentKey,
        commit_id: CommitId,
        draft: ConfigurationDraft,
    ) -> Result<(VersionNumber, Receipt)> {
        next_version::append(self, key, commit_id, draft).await
    }

    /// The configuration version of this number.
    async fn get_configuration_version(
        &self,
        key: &ExperimentKey,
        number: VersionNumber,
    ) -> Result<Option<Recorded<ConfigurationVersion>>> {
        Ok(found(self, key, LookUp::Version(number)).await?.pop())
    }

    /// The latest configuration version.
    async fn get_latest_configuration_version(
        &self,
        key: &ExperimentKey,
    ) -> Result<Option<Recorded<ConfigurationVersion>>> {
        Ok(found(self, key, LookUp::LatestVersion).await?.pop())
    }

    /// All configuration versions, oldest first.
    async fn get_all_configuration_versions(&self, key: &ExperimentKey) -> Result<Vec<Recorded<ConfigurationVersion>>> {
        all(self, key).await
    }

    /// Appends a policy evaluation.
    async fn append_policy_evaluation(&self, key: &ExperimentKey, evaluation: PolicyEvaluation) -> Result<Receipt> {
        append(self, key, evaluation).await
    }

    /// All policy evaluations, oldest first.
    async fn get_policy_evaluations(&self, key: &ExperimentKey) -> Result<Vec<Recorded<PolicyEvaluation>>> {
        all(self, key).await
    }

    /// The latest evaluation of one policy.
    async fn get_latest_policy_evaluation(
        &self,
        key: &ExperimentKey,
        policy: &str,
    ) -> Result<Option<Recorded<PolicyEvaluation>>> {
        Ok(found(self, key, LookUp::LatestEvaluation(policy)).await?.pop())
    }

    /// Appends a policy definition.
    async fn append_policy_definition(&self, key: &ExperimentKey, definition: PolicyDefinition) -> Result<Receipt> {
        append(self, key, definition).await
    }

    /// All policy definitions, oldest first.
    async fn get_policy_definitions(&self, key: &ExperimentKey) -> Result<Vec<Recorded<PolicyDefinition>>> {
        all(self, key).await
    }

    /// The latest definition of one policy.
    async fn get_latest_policy_definition(
        &self,
        key: &ExperimentKey,
        policy: &str,
    ) -> Result<Option<Recorded<PolicyDefinition>>> {
        Ok(found(self, key, LookUp::LatestDefinition(policy)).await?.pop())
    }

    /// The query's records, from its first page to the last. Holds one page.
    fn history_stream<'a>(
        &'a self,
        key: &ExperimentKey,
        query: HistoryQuery,
        consistency: Consistency,
    ) -> BoxStream<'a, Result<Recorded<Record>>> {
        stream::history(self, key.clone(), query, consistency)
    }

    /// The log behind the sequence `after`, to its end. Holds one page of the size `page`.
    fn log_stream<'a>(
        &'a self,
        key: &ExperimentKey,
        after: Sequence,
        page: PageSize,
        consistency: Consistency,
    ) -> BoxStream<'a, Result<LogEntry>> {
        stream::log(self, key.clone(), after, page, consistency)
    }

    /// The query's experiments, from its first page to the last. Holds one page.
    fn experiments_stream(&self, query: ExperimentsQuery, consistency: Consistency) -> BoxStream<'_, Result<Head>> {
        stream::experiments(self, query, consistency)
    }
}

impl<B: Backplane + ?Sized> BackplaneExt for B {}

async fn append<B, R>(backplane: &B, key: &ExperimentKey, record: R) -> Result<Receipt>
where
    B: Backplane + ?Sized,
    R: RecordType,
{
    let record: Record = record.into();
    let id = CommitId::of_record(R::KIND, record.id());
    let commit = Commit::builder(key, Expected::Any).id(id).record(record).build()?;
    backplane.commit(&commit).await
}

async fn all<B, R>(backplane: &B, key: &ExperimentKey) -> Result<Vec<Recorded<R>>>
where
    B: Backplane + ?Sized,
    R: RecordType,
{
    let query = HistoryQuery::new(R::KIND);
    let records = backplane.history_stream(key, query, Consistency::Strong);
    records.and_then(|record| std::future::ready(typed(key, record))).try_collect().await
}

async fn found<B, R>(backplane: &B, key: &ExperimentKey, look_up: LookUp<'_>) -> Result<Vec<Recorded<R>>>
where
    B: Backplane + ?Sized,
    R: RecordType,
{
    let records = backplane.look_up(key, look_up, Consistency::Strong).await?;
    records.into_iter().map(|record| typed(key, record)).collect()
}

fn typed<R: RecordType>(key: &ExperimentKey, record: Recorded<Record>) -> Result<Recorded<R>> {
    let sequence = record.place.sequence;
    record.typed().map_err(|error| Error::corrupt(key, sequence, error.to_string()))
}
