//! The gate that asks people.

use super::{ApprovalGate, GateDecision, Quorum};
use crate::{Attempt, Moves};
use async_trait::async_trait;
use governance_persistence::{LifecycleState, Source};

/// Asks people about every move that it guards: see [`Approvals`](crate::Approvals).
///
/// ```
/// use governance::persistence::LifecycleState::{Approved, PendingApproval};
/// use governance::{ManualGate, Moves, Quorum, SelfApproval};
///
/// let two_others = Quorum::of(2)?.self_approval(SelfApproval::Forbidden);
/// let gate = ManualGate::new("review", Moves::between(PendingApproval, Approved)).quorum(two_others);
/// # Ok::<(), governance::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManualGate {
    name: String,
    moves: Moves,
    quorum: Quorum,
}

impl ManualGate {
    /// The gate of this name before these moves, which one person may open.
    pub fn new(name: impl Into<String>, moves: Moves) -> Self {
        Self { name: name.into(), moves, quorum: Quorum::ONE }
    }

    /// How many people must approve, and who of them counts.
    #[must_use]
    pub fn quorum(mut self, quorum: Quorum) -> Self {
        self.quorum = quorum;
        self
    }

    /// The moves that it stands before.
    pub fn get_moves(&self) -> Moves {
        self.moves
    }

    /// How many people must approve, and who of them counts.
    pub fn get_quorum(&self) -> Quorum {
        self.quorum
    }
}

#[async_trait]
impl ApprovalGate for ManualGate {
    fn name(&self) -> &str {
        &self.name
    }

    fn guards(&self, from: LifecycleState, to: LifecycleState) -> bool {
        self.moves.include(from, to)
    }

    async fn judge(&self, _attempt: &Attempt<'_>) -> Result<GateDecision, Source> {
        Ok(GateDecision::ask_people(self.quorum))
    }
}
