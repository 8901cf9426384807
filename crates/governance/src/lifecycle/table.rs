//! Which moves there are.

use governance_persistence::LifecycleState;
use std::collections::BTreeSet;

/// The moves that a lifecycle has. Gates and policies judge about moves that are in the table; one
/// that is not is refused before anybody is asked.
///
/// ```
/// use governance::LifecycleTable;
/// use governance::persistence::LifecycleState::*;
///
/// let table = LifecycleTable::standard().forbidding(Approved, Running); // always ramp first
/// assert!(table.allows(Approved, Ramping));
/// assert_eq!(table.successors(Approved), [Ramping, Archived]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifecycleTable(BTreeSet<(LifecycleState, LifecycleState)>);

impl LifecycleTable {
    /// The standard lifecycle: see [`LifecycleState::successors`].
    pub fn standard() -> Self {
        let moves = LifecycleState::ALL.into_iter();
        Self(moves.flat_map(|from| from.successors().iter().map(move |to| (from, *to))).collect())
    }

    /// A lifecycle without a move, to build one's own from.
    pub fn empty() -> Self {
        Self(BTreeSet::new())
    }

    /// The same with this move, too. A state never follows itself: such a move is left out.
    #[must_use]
    pub fn allowing(mut self, from: LifecycleState, to: LifecycleState) -> Self {
        if from != to {
            self.0.insert((from, to));
        }
        self
    }

    /// The same without this move.
    #[must_use]
    pub fn forbidding(mut self, from: LifecycleState, to: LifecycleState) -> Self {
        self.0.remove(&(from, to));
        self
    }

    /// Does it have this move?
    pub fn allows(&self, from: LifecycleState, to: LifecycleState) -> bool {
        self.0.contains(&(from, to))
    }

    /// The states that may follow this one, in the order of a life.
    pub fn successors(&self, from: LifecycleState) -> Vec<LifecycleState> {
        self.0.iter().filter(|(state, _)| *state == from).map(|(_, to)| *to).collect()
    }
}

impl Default for LifecycleTable {
    fn default() -> Self {
        Self::standard()
    }
}
