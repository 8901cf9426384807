//! A move that was made.

use governance_persistence::{Commit, ExperimentState, Receipt, Record, StateTransition};

/// A move that was made, as it was committed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Transitioned {
    /// Where and when; [`replayed`](Receipt::replayed) if an earlier request had done it already.
    pub receipt: Receipt,
    /// The transition.
    pub transition: StateTransition,
    /// The state that it left.
    pub state: ExperimentState,
}

impl Transitioned {
    /// The move that this commit makes, if it makes one.
    pub(crate) fn of(commit: &Commit, receipt: Receipt) -> Option<Self> {
        let state = commit.state()?.clone().into_state(commit.key().clone(), commit.id());
        let transition = commit.records().iter().find_map(|record| match record {
            Record::Transition(transition) => Some(transition.clone()),
            _ => None,
        })?;
        Some(Self { receipt, transition, state })
    }
}
