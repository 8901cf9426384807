//! Asking people to approve a move.

use crate::lifecycle::Choice;
use crate::{Actor, Telemetry};
use governance_persistence::{
    CommitId, Json, JsonObject, LifecycleState, Receipt, RecordId, Timestamp, VersionNumber, VersionReference,
};

/// The request that people approve a move.
///
/// ```
/// use governance::ApprovalRequest;
/// use governance::persistence::LifecycleState;
///
/// let request = ApprovalRequest::to(LifecycleState::Approved, "alice").reason("ready for a tenth of the traffic");
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is handed to `Approvals::request`"]
pub struct ApprovalRequest {
    pub(crate) to: LifecycleState,
    pub(crate) actor: Actor,
    pub(crate) reason: Option<String>,
    pub(crate) metadata: JsonObject,
    pub(crate) telemetry: Telemetry,
    pub(crate) choice: Choice,
    pub(crate) commit_id: Option<CommitId>,
}

impl ApprovalRequest {
    /// The actor asks for the move to this state.
    pub fn to(to: LifecycleState, actor: impl Into<Actor>) -> Self {
        let (reason, metadata, telemetry, choice) = (None, JsonObject::empty(), Telemetry::none(), Choice::InEffect);
        Self { to, actor: actor.into(), reason, metadata, telemetry, choice, commit_id: None }
    }

    /// Why.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// What else is to be kept with the request. The member `governance` is ours.
    pub fn metadata(mut self, metadata: JsonObject) -> Self {
        self.metadata = metadata;
        self
    }

    /// What was measured, for gates that go by it whether they ask people: what the move will say, as far
    /// as it is known. It is not recorded.
    pub fn telemetry(mut self, telemetry: Telemetry) -> Self {
        self.telemetry = telemetry;
        self
    }

    /// For a move that puts this version in effect: see
    /// [`TransitionRequest::version`](crate::TransitionRequest::version).
    pub fn version(mut self, number: VersionNumber) -> Self {
        self.choice = Choice::Version(number);
        self
    }

    /// For a move that carries this configuration: see
    /// [`TransitionRequest::configuration`](crate::TransitionRequest::configuration).
    pub fn configuration(mut self, configuration: Json) -> Self {
        self.choice = Choice::Content(configuration);
        self
    }

    /// For a rollback that brings back what this version has, and moves the experiment: see
    /// [`RollbackRequest::moving_to_rolled_back`](crate::RollbackRequest::moving_to_rolled_back).
    pub fn restoring(mut self, target: VersionNumber) -> Self {
        self.choice = Choice::Restored(target);
        self
    }

    /// Under this commit id, which makes it safe to ask again.
    pub fn commit_id(mut self, id: CommitId) -> Self {
        self.commit_id = Some(id);
        self
    }
}

/// What people were asked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Requested {
    /// Where and when.
    pub receipt: Receipt,
    /// The id that the transition will have, which decisions refer to.
    pub transition_id: RecordId,
    /// The gates at which people are asked.
    pub gates: Vec<String>,
    /// Exactly which configuration it is about; a change of it voids the request.
    pub configuration: Option<VersionReference>,
    /// Until when people may decide, by this process's clock; the backplane's clock judges. Nothing
    /// for a request that was made before.
    pub expires_at: Option<Timestamp>,
}
