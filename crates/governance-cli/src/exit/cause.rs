//! Why a gate is closed, or a request not open, as data: a word for programs, and what belongs to it.

use governance::{GateObjection, NotPendingCause};
use serde_json::{Value, json};

/// Why a gate is closed.
pub(super) fn of_gate(cause: &GateObjection) -> Value {
    match cause {
        GateObjection::Rejected { reason } => json!({"cause": "rejected", "reason": reason}),
        GateObjection::Failed { error } => json!({"cause": "failed", "reason": error}),
        GateObjection::NotRequested { needed } => json!({"cause": "notRequested", "needed": needed}),
        GateObjection::Waiting { transition_id, approved_by, needed } => {
            json!({"cause": "waiting", "transitionId": transition_id, "approvedBy": approved_by, "needed": needed})
        }
        GateObjection::QuorumRaised { asked, now } => json!({"cause": "quorumRaised", "asked": asked, "now": now}),
        GateObjection::RejectedBy { approver, reason } => {
            json!({"cause": "rejectedBy", "by": approver, "reason": reason})
        }
        GateObjection::ConfigurationChanged { approved, now } => {
            json!({"cause": "configurationChanged", "approved": approved, "now": now})
        }
        _ => json!({}),
    }
}

/// Why a request is not open to decisions.
pub(super) fn of_request(cause: &NotPendingCause) -> Value {
    match cause {
        NotPendingCause::NeverRequested => json!({"cause": "neverRequested"}),
        NotPendingCause::Expired => json!({"cause": "expired"}),
        NotPendingCause::Replaced { by } => json!({"cause": "replaced", "by": by}),
        NotPendingCause::StateLeft { now, by } => json!({"cause": "stateLeft", "now": now, "by": by}),
        NotPendingCause::ConfigurationChanged { requested, now } => {
            json!({"cause": "configurationChanged", "requested": requested, "now": now})
        }
        NotPendingCause::DecidedAlready { approver } => json!({"cause": "decidedAlready", "by": approver}),
        NotPendingCause::Approved => json!({"cause": "approved"}),
        NotPendingCause::Rejected { by } => json!({"cause": "rejected", "by": by}),
        _ => json!({}),
    }
}
