//! A pattern of moves, for gates and policies.

use governance_persistence::LifecycleState;

/// Which moves a gate or a policy is about.
///
/// There may be several ways into a state: Running is entered from Approved, Ramping and Paused. What
/// stands before one of these moves is walked around by another; [`Moves::into`] a state, or
/// [`Moves::out_of`] one, has them all.
///
/// ```
/// use governance::Moves;
/// use governance::persistence::LifecycleState::*;
///
/// assert!(Moves::between(PendingApproval, Approved).include(PendingApproval, Approved));
/// assert!(Moves::into(Running).include(Paused, Running));
/// assert!(!Moves::out_of(Draft).include(Paused, Running));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moves {
    from: Option<LifecycleState>,
    to: Option<LifecycleState>,
}

impl Moves {
    /// Every move.
    pub const fn all() -> Self {
        Self { from: None, to: None }
    }

    /// The one from this state to that.
    pub const fn between(from: LifecycleState, to: LifecycleState) -> Self {
        Self { from: Some(from), to: Some(to) }
    }

    /// All that enter this state.
    pub const fn into(to: LifecycleState) -> Self {
        Self { from: None, to: Some(to) }
    }

    /// All that leave this state.
    pub const fn out_of(from: LifecycleState) -> Self {
        Self { from: Some(from), to: None }
    }

    /// The state that they leave; none: any.
    pub const fn get_from(self) -> Option<LifecycleState> {
        self.from
    }

    /// The state that they enter; none: any.
    pub const fn get_to(self) -> Option<LifecycleState> {
        self.to
    }

    /// Is this move one of them?
    pub fn include(self, from: LifecycleState, to: LifecycleState) -> bool {
        self.from.is_none_or(|state| state == from) && self.to.is_none_or(|state| state == to)
    }
}
