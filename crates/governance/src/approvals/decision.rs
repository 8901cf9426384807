//! Deciding about a request.

use crate::Actor;
use governance_persistence::{ApprovalRecord, CommitId, Decision, JsonObject, Receipt, RecordId};

/// Somebody's decision about a request for approval.
///
/// ```
/// use governance::ApprovalDecision;
/// use governance::persistence::RecordId;
///
/// # let transition_id = RecordId::new();
/// let yes = ApprovalDecision::approve(transition_id, "bob").reason("the numbers look right");
/// let no = ApprovalDecision::reject(transition_id, "carol").gate("security");
/// ```
#[derive(Clone, Debug)]
#[must_use = "a decision does nothing until it is handed to `Approvals::decide`"]
pub struct ApprovalDecision {
    pub(crate) transition_id: RecordId,
    pub(crate) decision: Decision,
    pub(crate) actor: Actor,
    pub(crate) gate: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) metadata: JsonObject,
    pub(crate) commit_id: Option<CommitId>,
}

impl ApprovalDecision {
    /// The actor approves the transition.
    pub fn approve(transition_id: RecordId, actor: impl Into<Actor>) -> Self {
        Self::new(transition_id, Decision::Approved, actor.into())
    }

    /// The actor rejects it. One rejection closes the request.
    pub fn reject(transition_id: RecordId, actor: impl Into<Actor>) -> Self {
        Self::new(transition_id, Decision::Rejected, actor.into())
    }

    fn new(transition_id: RecordId, decision: Decision, actor: Actor) -> Self {
        let (gate, reason, commit_id) = (None, None, None);
        Self { transition_id, decision, actor, gate, reason, metadata: JsonObject::empty(), commit_id }
    }

    /// At this gate. It has to be named where a request is open at several.
    pub fn gate(mut self, gate: impl Into<String>) -> Self {
        self.gate = Some(gate.into());
        self
    }

    /// Why.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// What else is to be kept with the decision. The member `governance` is ours.
    pub fn metadata(mut self, metadata: JsonObject) -> Self {
        self.metadata = metadata;
        self
    }

    /// Under this commit id, which makes it safe to decide again.
    pub fn commit_id(mut self, id: CommitId) -> Self {
        self.commit_id = Some(id);
        self
    }
}

/// A decision that was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decided {
    /// Where and when.
    pub receipt: Receipt,
    /// The decision, bound to the configuration that the request is about.
    pub record: ApprovalRecord,
    /// How many more approvals the gate needs; none after a rejection.
    pub still_needed: u32,
}
