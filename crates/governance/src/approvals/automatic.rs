//! The gate that approves by itself.

use super::{ApprovalGate, GateDecision};
use crate::{Attempt, Moves};
use async_trait::async_trait;
use governance_persistence::{LifecycleState, Source};

/// Approves every move that it guards, and leaves a record of that.
///
/// ```
/// use governance::persistence::LifecycleState::{Draft, PendingApproval};
/// use governance::{AutomaticGate, Moves};
///
/// let gate = AutomaticGate::new("submission", Moves::between(Draft, PendingApproval));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutomaticGate {
    name: String,
    moves: Moves,
}

impl AutomaticGate {
    /// The gate of this name before these moves.
    pub fn new(name: impl Into<String>, moves: Moves) -> Self {
        Self { name: name.into(), moves }
    }

    /// The moves that it stands before.
    pub fn get_moves(&self) -> Moves {
        self.moves
    }
}

#[async_trait]
impl ApprovalGate for AutomaticGate {
    fn name(&self) -> &str {
        &self.name
    }

    fn guards(&self, from: LifecycleState, to: LifecycleState) -> bool {
        self.moves.include(from, to)
    }

    async fn judge(&self, _attempt: &Attempt<'_>) -> Result<GateDecision, Source> {
        Ok(GateDecision::approve())
    }
}
