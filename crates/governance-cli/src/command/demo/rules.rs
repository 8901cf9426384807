//! The gates and the policies of the demo: its own, so that its story is the same whatever the configuration file has.

use crate::failure::Failure;
use governance::{
    AutomaticGate, ErrorRate, Governance, ManualGate, Moves, Quorum, RoleBasedGate, SelfApproval, TrafficLimit,
};
use governance_persistence::{Backplane, LifecycleState::*};
use std::sync::Arc;

/// What people read before the story.
pub(super) const IN_WORDS: &str = "\
The demo brings gates and policies of its own, whatever the configuration file has:
- whoever submits a draft is let through, and that is recorded (gate submission);
- two people approve what is to be shown, and how it is ramped up, and nobody what they asked for (gate review);
- only operators start it (gate operators);
- policies: at most 50 % of the traffic, at most 5 % of the requests fail.";

/// The role that starts experiments.
pub(super) const OPERATOR: &str = "operator";

/// Governance by these rules.
pub(super) fn governance(backplane: &Arc<dyn Backplane>) -> Result<Governance, Failure> {
    let two_others = Quorum::of(2)?.self_approval(SelfApproval::Forbidden);
    let builder = Governance::builder()
        .persistence(Arc::clone(backplane))
        .approval_gate(AutomaticGate::new("submission", Moves::between(Draft, PendingApproval)))
        .approval_gate(ManualGate::new("review", Moves::into(Approved)).quorum(two_others))
        .approval_gate(RoleBasedGate::new("operators", Moves::into(Running), [OPERATOR])?)
        .policy(TrafficLimit::percent(50.0)?)
        .policy(ErrorRate::at_most(0.05)?);
    Ok(builder.build()?)
}
