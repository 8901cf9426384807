//! A move that the lifecycle does not have.

use governance_persistence::{ExperimentKey, LifecycleState};
use std::fmt;

/// The lifecycle has no move from the state that the experiment is in to the one asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotAllowed {
    /// The experiment.
    pub key: ExperimentKey,
    /// The state it is in.
    pub from: LifecycleState,
    /// Who put it there; nobody if it was never saved or nobody was named.
    pub set_by: Option<String>,
    /// The state that was asked for.
    pub to: LifecycleState,
    /// The states that it may go to from here.
    pub allowed: Vec<LifecycleState>,
}

impl std::error::Error for NotAllowed {}

impl fmt::Display for NotAllowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, from, to, .. } = self;
        if from == to {
            write!(f, "{key} is {from} already")?;
        } else {
            write!(f, "{key} is {from} and cannot go to {to} from there")?;
        }
        if let Some(actor) = &self.set_by {
            write!(f, " (set by {actor})")?;
        }
        let names: Vec<_> = self.allowed.iter().map(|state| state.as_str()).collect();
        match names.as_slice() {
            [] => f.write_str("; it is at its end"),
            names => write!(f, "; it may go to {}", names.join(", ")),
        }
    }
}
