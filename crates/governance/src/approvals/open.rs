//! Whether a request is open to decisions.

use super::{Count, Quorum, count, current};
use crate::setup::Setup;
use crate::{Error, GateObjection, NotPending, NotPendingCause, Result};
use governance_persistence::{
    ApprovalRecord, Backplane, ConfigurationVersion, Consistency, Decision, Head, LookUp, RecordId, Recorded,
};

/// A request, and all that was decided about it.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) records: Vec<Recorded<ApprovalRecord>>,
    latest: Option<Recorded<ConfigurationVersion>>,
}

impl Open {
    /// The request for this transition, if it counts where the experiment stands.
    pub(super) async fn at(setup: &Setup, head: &Head, transition: RecordId) -> Result<Self> {
        let records = current::approvals(setup, &head.key, transition).await?;
        let not_pending = |cause| not_pending(head, transition, cause);
        let Some(request) = records.iter().find(|record| record.record.decision == Decision::Pending) else {
            return Err(not_pending(NotPendingCause::NeverRequested));
        };
        let now = setup.state_at(head);
        let from = request.record.from.unwrap_or(now);
        match current::request(setup, head, from, request.record.to).await? {
            // Made in another state, or before this one was entered anew.
            None => return Err(state_left(head, transition, now)),
            Some(by) if by != transition => return Err(not_pending(NotPendingCause::Replaced { by })),
            Some(_) => {}
        }
        let latest = match head.latest_version {
            Some(_) => {
                let mut found = setup.backplane.look_up(&head.key, LookUp::LatestVersion, Consistency::Strong).await?;
                found.pop().map(Recorded::typed).transpose()?
            }
            None => None,
        };
        Ok(Self { records, latest })
    }

    /// The requests of the gates.
    pub(super) fn requests(&self) -> impl Iterator<Item = &Recorded<ApprovalRecord>> {
        self.records.iter().filter(|record| record.record.decision == Decision::Pending)
    }

    /// Who approved at the gate of this request, if it is open.
    pub(super) fn approvers(&self, head: &Head, request: &ApprovalRecord) -> Result<(Vec<String>, Quorum)> {
        let quorum = Quorum::of_request(&request.metadata);
        let gate = request.gate.as_deref().unwrap_or_default();
        let cause = match count::count(&self.records, gate, quorum, count::about(request), self.latest.as_ref()) {
            Count::Approved(_) => NotPendingCause::Approved,
            Count::Not(GateObjection::Waiting { approved_by, .. }) => return Ok((approved_by, quorum)),
            Count::Not(GateObjection::RejectedBy { approver, .. }) => NotPendingCause::Rejected { by: approver },
            Count::Not(GateObjection::ConfigurationChanged { approved, now }) => {
                NotPendingCause::ConfigurationChanged { requested: approved, now }
            }
            Count::Not(_) => NotPendingCause::NeverRequested,
        };
        Err(not_pending(head, request.transition_id, cause))
    }
}

pub(super) fn not_pending(head: &Head, transition_id: RecordId, cause: NotPendingCause) -> Error {
    Error::NotPending(Box::new(NotPending { key: head.key.clone(), transition_id, cause }))
}

fn state_left(head: &Head, transition: RecordId, now: governance_persistence::LifecycleState) -> Error {
    let by = head.state.as_ref().and_then(|state| state.last_modified_by.clone());
    not_pending(head, transition, NotPendingCause::StateLeft { now, by })
}
