//! A decision that nobody waits for.

use governance_persistence::{ExperimentKey, LifecycleState, RecordId, VersionNumber};
use std::fmt;

/// A decision about a request that is not open to it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotPending {
    /// The experiment.
    pub key: ExperimentKey,
    /// The transition that the decision is about.
    pub transition_id: RecordId,
    /// Why the request is not open.
    pub cause: NotPendingCause,
}

/// Why a request is not open to a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotPendingCause {
    /// Nobody asked about this transition, or not at this gate.
    NeverRequested,
    /// The time to decide is over: ask again.
    Expired,
    /// A newer request about the same move took its place.
    Replaced {
        /// The transition that is asked about now.
        by: RecordId,
    },
    /// The experiment left the state that the request is about.
    StateLeft {
        /// The state it is in now.
        now: LifecycleState,
        /// Who put it there.
        by: Option<String>,
    },
    /// The configuration changed since: ask again.
    ConfigurationChanged {
        /// The version that the request is about.
        requested: Option<VersionNumber>,
        /// The version there is now.
        now: Option<VersionNumber>,
    },
    /// This person has decided already, and a decision is final.
    DecidedAlready {
        /// Who.
        approver: String,
    },
    /// Enough people approved already.
    Approved,
    /// Somebody rejected it already.
    Rejected {
        /// Who.
        by: String,
    },
}

impl std::error::Error for NotPending {}

impl fmt::Display for NotPending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the approval of transition {} of {} is not pending: ", self.transition_id, self.key)?;
        let version = |number: &Option<VersionNumber>| {
            number.map_or_else(|| "no configuration".to_owned(), |number| format!("version {number}"))
        };
        match &self.cause {
            NotPendingCause::NeverRequested => f.write_str("nobody asked for it"),
            NotPendingCause::Expired => f.write_str("the request has expired; ask again"),
            NotPendingCause::Replaced { by } => write!(f, "transition {by} is asked about instead"),
            NotPendingCause::StateLeft { now, by: Some(by) } => write!(f, "{by} put the experiment into {now}"),
            NotPendingCause::StateLeft { now, by: None } => write!(f, "the experiment entered {now} since"),
            NotPendingCause::ConfigurationChanged { requested, now } => {
                write!(f, "it is about {}, and there is {} now; ask again", version(requested), version(now))
            }
            NotPendingCause::DecidedAlready { approver } => write!(f, "{approver} has decided already"),
            NotPendingCause::Approved => f.write_str("it is approved already"),
            NotPendingCause::Rejected { by } => write!(f, "{by} rejected it"),
        }
    }
}
