//! What cases share: an experiment, and steps in its life.

use governance::{ApprovalDecision, ApprovalRequest, Governance, GovernanceBuilder, TransitionRequest, Transitioned};
use governance_persistence::{
    Backplane, BackplaneExt, CommitId, ConfigurationDraft, Consistency, ExperimentKey, Json, LifecycleState, LogEntry,
    PageSize, Record, RecordId, Sequence, VersionNumber,
};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

pub(crate) fn key() -> ExperimentKey {
    ExperimentKey::new("checkout").unwrap().in_tenant("acme").unwrap()
}

/// Governance on this backplane, as far as it is set up. It goes by what it left itself wherever it may, so that all
/// cases are cases of that, too; a first move reads.
pub(crate) fn on(backplane: &Arc<dyn Backplane>) -> GovernanceBuilder {
    Governance::builder().persistence(Arc::clone(backplane)).remember_for(AN_HOUR)
}

/// Longer than any test takes.
pub(crate) const AN_HOUR: Duration = Duration::from_secs(3_600);

/// The experiment goes through these states, past no gate: by the steps of an ungoverned manager.
pub(crate) async fn brought_to(backplane: &Arc<dyn Backplane>, states: &[LifecycleState]) {
    let lifecycle = on(backplane).build().unwrap().lifecycle();
    for to in states {
        lifecycle.transition(&key(), &TransitionRequest::to(*to, "setup")).await.unwrap();
    }
}

/// A configuration version that shows this share of traffic.
pub(crate) async fn configured(backplane: &Arc<dyn Backplane>, traffic: u32) -> VersionNumber {
    written(backplane, &key(), traffic).await
}

/// The same of another experiment.
pub(crate) async fn written(backplane: &Arc<dyn Backplane>, key: &ExperimentKey, traffic: u32) -> VersionNumber {
    let draft = ConfigurationDraft::new(traffic_of(traffic), "setup");
    backplane.append_next_configuration_version(key, CommitId::new(), draft).await.unwrap().0
}

pub(crate) fn traffic_of(percent: u32) -> Json {
    Json::from_value(&json!({ "traffic": percent })).unwrap()
}

/// Alice asks for the move, Bob approves.
pub(crate) async fn approved(governance: &Governance, to: LifecycleState) -> RecordId {
    approved_as(governance, &ApprovalRequest::to(to, "alice")).await
}

/// This is asked for, and Bob approves.
pub(crate) async fn approved_as(governance: &Governance, request: &ApprovalRequest) -> RecordId {
    let approvals = governance.approvals();
    let id = approvals.request(&key(), request).await.unwrap().transition_id;
    approvals.decide(&key(), &ApprovalDecision::approve(id, "bob")).await.unwrap();
    id
}

/// Alice makes the move.
pub(crate) async fn moved(governance: &Governance, to: LifecycleState) -> governance::Result<Transitioned> {
    governance.lifecycle().transition(&key(), &TransitionRequest::to(to, "alice")).await
}

/// The state that the experiment is in.
pub(crate) async fn state(backplane: &Arc<dyn Backplane>) -> LifecycleState {
    on(backplane).build().unwrap().lifecycle().state(&key()).await.unwrap().state
}

/// The experiment's log.
pub(crate) async fn log(backplane: &Arc<dyn Backplane>) -> Vec<LogEntry> {
    backplane.log(&key(), Sequence::ZERO, PageSize::MAX, Consistency::Strong).await.unwrap()
}

/// How many moves the log has from this state.
pub(crate) async fn moves_from(backplane: &Arc<dyn Backplane>, from: LifecycleState) -> usize {
    let records = log(backplane).await.into_iter().flat_map(|entry| entry.records);
    records.filter(|record| matches!(record, Record::Transition(moved) if moved.from == from)).count()
}
