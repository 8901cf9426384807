//! The facade: all managers on one backplane.

use crate::setup::Setup;
use crate::{Approvals, GovernanceBuilder, Lifecycle, Policies, Versions};
use governance_persistence::Backplane;
use std::sync::Arc;

/// All managers on one backplane. Cloning is cheap; clones are one.
///
/// ```
/// use governance::persistence::{ExperimentKey, InMemoryBackplane, LifecycleState::*};
/// use governance::{
///     Actor, ApprovalDecision, ApprovalRequest, AutomaticGate, Governance, ManualGate, Moves, RoleBasedGate, Telemetry,
///     TrafficLimit, TransitionRequest,
/// };
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let governance = Governance::builder()
///     .persistence(InMemoryBackplane::new())
///     .approval_gate(AutomaticGate::new("submission", Moves::between(Draft, PendingApproval)))
///     .approval_gate(ManualGate::new("review", Moves::between(PendingApproval, Approved)))
///     .approval_gate(RoleBasedGate::new("operators", Moves::into(Running), ["operator", "sre"])?)
///     .policy(TrafficLimit::percent(10.0)?)
///     .build()?;
/// let (lifecycle, approvals) = (governance.lifecycle(), governance.approvals());
/// let checkout = ExperimentKey::new("checkout")?.in_tenant("acme")?;
///
/// lifecycle.transition(&checkout, &TransitionRequest::to(PendingApproval, "alice")).await?;
/// let asked = approvals.request(&checkout, &ApprovalRequest::to(Approved, "alice")).await?;
/// approvals.decide(&checkout, &ApprovalDecision::approve(asked.transition_id, "bob")).await?;
/// lifecycle.transition(&checkout, &TransitionRequest::to(Approved, "alice")).await?;
///
/// let run = TransitionRequest::to(Running, Actor::new("carol").with_role("sre"));
/// let running = lifecycle.transition(&checkout, &run.telemetry(Telemetry::none().traffic_percentage(5.0))).await?;
/// assert_eq!(running.approvals[0].approver.as_deref(), Some("carol"));
/// assert!(running.evaluations[0].compliant);
/// # Ok::<(), governance::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Governance(pub(crate) Arc<Setup>);

impl Governance {
    /// Starts to set governance up.
    pub fn builder() -> GovernanceBuilder {
        GovernanceBuilder::new()
    }

    /// The lifecycle: where experiments are, and how they move.
    pub fn lifecycle(&self) -> Lifecycle {
        Lifecycle(Arc::clone(&self.0))
    }

    /// Approvals: asking people, and deciding.
    pub fn approvals(&self) -> Approvals {
        Approvals(Arc::clone(&self.0))
    }

    /// Versions: configurations, their differences, and going back.
    pub fn versions(&self) -> Versions {
        Versions(Arc::clone(&self.0))
    }

    /// Policies: evaluating them, and what they found.
    pub fn policies(&self) -> Policies {
        Policies(Arc::clone(&self.0))
    }

    /// The backplane, for what needs no judging: logs, replication, listing experiments.
    pub fn backplane(&self) -> &Arc<dyn Backplane> {
        &self.0.backplane
    }
}
