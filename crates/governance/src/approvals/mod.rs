//! The approval manager, and the gates that stand before moves.

mod ask;
mod automatic;
mod count;
mod current;
mod decide;
mod decision;
mod ephemeral;
mod gate;
mod manual;
mod open;
mod pending;
mod quorum;
mod request;
mod role_based;

pub use automatic::AutomaticGate;
pub(crate) use count::{Count, count};
pub(crate) use current::{approvals as of_transition, entered, request as current_request};
pub use decision::{ApprovalDecision, Decided};
pub use gate::{ApprovalGate, GateDecision};
pub use manual::ManualGate;
pub use pending::PendingApproval;
pub use quorum::{Quorum, SelfApproval};
pub use request::{ApprovalRequest, Requested};
pub use role_based::RoleBasedGate;

use crate::setup::Setup;
use crate::{Listing, Result};
use governance_persistence::{ApprovalRecord, ExperimentKey, Page, RecordId, Recorded};
use std::sync::Arc;

/// Asks people about moves, and takes their decisions.
///
/// ```
/// use governance::persistence::{ExperimentKey, LifecycleState::*};
/// use governance::{ApprovalDecision, ApprovalRequest, Governance, ManualGate, Moves, TransitionRequest};
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let review = ManualGate::new("review", Moves::into(Approved));
/// let governance = Governance::builder().approval_gate(review).build()?;
/// let (lifecycle, approvals) = (governance.lifecycle(), governance.approvals());
/// let checkout = ExperimentKey::new("checkout")?;
/// lifecycle.transition(&checkout, &TransitionRequest::to(PendingApproval, "alice")).await?;
///
/// // The gate is closed until somebody approves.
/// let approve = TransitionRequest::to(Approved, "alice");
/// let refused = lifecycle.transition(&checkout, &approve).await.unwrap_err();
/// assert!(refused.as_refusal().is_some());
///
/// approvals.request(&checkout, &ApprovalRequest::to(Approved, "alice")).await?;
/// let waiting = approvals.pending(&checkout).await?;
/// approvals.decide(&checkout, &ApprovalDecision::approve(waiting[0].transition_id, "bob")).await?;
/// let approved = lifecycle.transition(&checkout, &approve).await?;
/// assert_eq!(approved.transition.id, waiting[0].transition_id);
/// # Ok::<(), governance::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # What a request stands for
///
/// A request is about one move, from the state that the experiment is in, and about exactly the
/// configuration that the move would have in effect. It is recorded for ever, and so is every
/// decision. What people may decide about is open for a
/// [while](crate::GovernanceBuilder::approval_requests_expire_after); what they have decided does not
/// expire. But it is void
///
/// * as soon as **any configuration version is written** after the request was made: ask again, and
///   people see what they approve;
/// * as soon as the experiment **enters another state**, so it serves for one move;
/// * as soon as the same move is **requested anew**: the newest request counts.
#[derive(Clone, Debug)]
pub struct Approvals(pub(crate) Arc<Setup>);

impl Approvals {
    /// Asks people about a move, at all gates before it that ask people. The request allocates the
    /// id that the transition will have.
    ///
    /// # Errors
    ///
    /// [`Error::NotAllowed`](crate::Error::NotAllowed) when the lifecycle has no such move;
    /// [`Error::NothingToApprove`](crate::Error::NothingToApprove) when no gate asks people about it;
    /// otherwise as [`Lifecycle::transition`](crate::Lifecycle::transition).
    pub async fn request(&self, key: &ExperimentKey, request: &ApprovalRequest) -> Result<Requested> {
        ask::out(&self.0, key, request).await
    }

    /// What people were asked and have not decided, and still may: oldest request first, a gate each.
    ///
    /// # Errors
    ///
    /// [`Error::Backplane`](crate::Error::Backplane).
    pub async fn pending(&self, key: &ExperimentKey) -> Result<Vec<PendingApproval>> {
        pending::all(&self.0, key).await
    }

    /// Takes somebody's decision about a request. Each person decides once a gate.
    ///
    /// # Errors
    ///
    /// [`Error::NotPending`](crate::Error::NotPending) when nobody waits for it, with the reason;
    /// [`Error::SelfApproval`](crate::Error::SelfApproval) where somebody else has to approve;
    /// [`Error::Invalid`](crate::Error::Invalid) when several gates wait and none is named;
    /// [`Error::Conflict`](crate::Error::Conflict) when the experiment was moved meanwhile;
    /// otherwise as [`Lifecycle::transition`](crate::Lifecycle::transition).
    pub async fn decide(&self, key: &ExperimentKey, decision: &ApprovalDecision) -> Result<Decided> {
        decide::out(&self.0, key, decision).await
    }

    /// All approvals of one transition: the requests, and the decisions about them.
    ///
    /// # Errors
    ///
    /// [`Error::Backplane`](crate::Error::Backplane).
    pub async fn of_transition(
        &self,
        key: &ExperimentKey,
        transition_id: RecordId,
    ) -> Result<Vec<Recorded<ApprovalRecord>>> {
        current::approvals(&self.0, key, transition_id).await
    }

    /// A page of all approvals: requests, decisions by people and by gates, and refusals.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) when the cursor came from another listing;
    /// [`Error::Backplane`](crate::Error::Backplane).
    pub async fn history(&self, key: &ExperimentKey, listing: &Listing) -> Result<Page<Recorded<ApprovalRecord>>> {
        self.0.page(key, listing).await
    }
}
