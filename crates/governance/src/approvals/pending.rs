//! What people have not decided yet.

use super::open::Open;
use super::{Count, Quorum, count, ephemeral};
use crate::setup::Setup;
use crate::{Error, GateObjection, Result};
use governance_persistence::{
    ApprovalRecord, Decision, ExperimentKey, LifecycleState, RecordId, Recorded, Timestamp, VersionReference,
};

/// A request that waits at a gate.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PendingApproval {
    /// The transition that people are asked about; decisions name it.
    pub transition_id: RecordId,
    /// The gate that it waits at.
    pub gate: String,
    /// The state that the move leaves.
    pub from: LifecycleState,
    /// The state that it enters.
    pub to: LifecycleState,
    /// Who asked.
    pub requested_by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Exactly which configuration it is about.
    pub configuration: Option<VersionReference>,
    /// Who approved so far, and counts.
    pub approved_by: Vec<String>,
    /// How many have to, and who counts.
    pub quorum: Quorum,
    /// Until when people may decide.
    pub expires_at: Timestamp,
}

/// All requests of the experiment that are open to decisions, a gate each, oldest request first.
pub(super) async fn all(setup: &Setup, key: &ExperimentKey) -> Result<Vec<PendingApproval>> {
    let mut pending = Vec::new();
    for (transition, expires_at) in ephemeral::all(setup, key).await? {
        // Anew for each, so that each is judged by a head as new as what was decided about it.
        let head = setup.head(key).await?;
        let open = match Open::at(setup, &head, transition).await {
            Ok(open) => open,
            Err(Error::NotPending(_)) => continue,
            Err(error) => return Err(error),
        };
        for Recorded { place, record: request, .. } in open.requests() {
            let Ok((approved_by, quorum)) = open.approvers(&head, request) else {
                continue;
            };
            let waiting = PendingApproval {
                transition_id: transition,
                gate: request.gate.clone().unwrap_or_default(),
                from: request.from.unwrap_or_else(|| setup.state_at(&head)),
                to: request.to,
                requested_by: request.requested_by.clone(),
                reason: request.reason.clone(),
                configuration: count::about(request),
                approved_by,
                quorum,
                expires_at,
            };
            pending.push((*place, waiting));
        }
    }
    pending.sort_by_key(|(place, _)| *place);
    Ok(pending.into_iter().map(|(_, waiting)| waiting).collect())
}

/// How many more approvals the gate of this decision needs.
pub(super) fn still_needed(records: &[Recorded<ApprovalRecord>], decision: &ApprovalRecord) -> u32 {
    let gate = decision.gate.as_deref();
    let request = records.iter().map(|record| &record.record);
    let request = request.filter(|request| request.decision == Decision::Pending).find(|r| r.gate.as_deref() == gate);
    let quorum = request.map_or(Quorum::ONE, |request| Quorum::of_request(&request.metadata));
    match count::count(records, gate.unwrap_or_default(), quorum, count::about(decision), None) {
        Count::Not(GateObjection::Waiting { approved_by, needed, .. }) => {
            needed.saturating_sub(u32::try_from(approved_by.len()).unwrap_or(u32::MAX))
        }
        _ => 0,
    }
}
