//! Asking for a move.

use super::subject::Choice;
use crate::{Actor, Telemetry};
use governance_persistence::{CommitId, ETag, Expected, Json, JsonObject, LifecycleState, VersionNumber};

/// The request to move an experiment to another lifecycle state.
///
/// A request that has a commit id is safe to repeat: the move is made once, and whoever asks again
/// gets the same answer. Set one where a reply may be lost.
///
/// ```
/// use governance::persistence::{CommitId, LifecycleState};
/// use governance::{Actor, TransitionRequest};
///
/// let request = TransitionRequest::to(LifecycleState::Ramping, Actor::new("alice").with_role("sre"))
///     .reason("half the traffic, as planned in OPS-7")
///     .commit_id(CommitId::new());
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is handed to `Lifecycle::transition`"]
pub struct TransitionRequest {
    pub(crate) to: LifecycleState,
    pub(crate) actor: Actor,
    pub(crate) reason: Option<String>,
    pub(crate) metadata: JsonObject,
    pub(crate) telemetry: Telemetry,
    pub(crate) choice: Choice,
    pub(crate) expected: Expected,
    pub(crate) commit_id: Option<CommitId>,
}

impl TransitionRequest {
    /// The actor wants the experiment to be in this state.
    pub fn to(to: LifecycleState, actor: impl Into<Actor>) -> Self {
        Self {
            to,
            actor: actor.into(),
            reason: None,
            metadata: JsonObject::empty(),
            telemetry: Telemetry::none(),
            choice: Choice::InEffect,
            expected: Expected::Any,
            commit_id: None,
        }
    }

    /// Why.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// What else is to be kept with the transition. The member `governance` is ours.
    pub fn metadata(mut self, metadata: JsonObject) -> Self {
        self.metadata = metadata;
        self
    }

    /// What was measured, for policies to judge by.
    pub fn telemetry(mut self, telemetry: Telemetry) -> Self {
        self.telemetry = telemetry;
        self
    }

    /// Puts this configuration version in effect: for moves to Approved, Running or Ramping. Without
    /// it, Approved and the first move behind it take the latest version, and from then on the one
    /// in effect stays.
    ///
    /// A version other than the one that passed the gates on the way to live, out of Draft,
    /// PendingApproval and Approved, has to pass those gates itself, whatever move puts it in effect.
    /// Gates for roles ask the actor's, and those that ask people want an approval of this version
    /// and its hash.
    pub fn version(mut self, number: VersionNumber) -> Self {
        self.choice = Choice::Version(number);
        self
    }

    /// Carries this configuration, and puts it in effect where the move does that. If it is another
    /// one than the latest version, it becomes the next version in the same commit, where governance
    /// is set up with [`Versioning::Automatic`](crate::Versioning::Automatic). Approvals of what was
    /// there before do not count for it.
    pub fn configuration(mut self, configuration: Json) -> Self {
        self.choice = Choice::Content(configuration);
        self
    }

    /// Only if the current state is still this one. Without it the request is about whatever state
    /// is there when the judging begins.
    pub fn if_match(mut self, etag: ETag) -> Self {
        self.expected = Expected::Match(etag);
        self
    }

    /// Only if no state was ever saved: the experiment's first move.
    pub fn if_absent(mut self) -> Self {
        self.expected = Expected::Absent;
        self
    }

    /// Under this commit id, which makes it safe to ask again.
    pub fn commit_id(mut self, id: CommitId) -> Self {
        self.commit_id = Some(id);
        self
    }
}
