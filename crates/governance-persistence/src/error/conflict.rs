//! Why a commit lost, and what is there now.

use crate::{Expected, ExperimentKey, Head, VersionNumber};
use std::fmt;

/// A commit found something else than it expected; nothing was written.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Conflict {
    /// The experiment.
    pub key: ExperimentKey,
    /// What was expected, or which version was wanted.
    pub cause: ConflictCause,
    /// The head that is there now. Its state says who set it, to what, and when by their clock.
    pub head: Head,
}

/// The two ways to lose.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConflictCause {
    /// The commit's expectation does not hold.
    Expected(Expected),
    /// A configuration version does not continue the experiment's versions.
    Version {
        /// The first version number of the commit.
        wanted: VersionNumber,
        /// The latest one there is.
        latest: VersionNumber,
    },
}

impl Conflict {
    /// A conflict of `cause` on `key`, met by the head that is there now.
    pub fn new(key: ExperimentKey, cause: ConflictCause, head: Head) -> Self {
        Self { key, cause, head }
    }
}

impl std::error::Error for Conflict {}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            ConflictCause::Expected(expected) => {
                write!(f, "conflict on {}: expected {expected}, but ", self.key)?;
            }
            ConflictCause::Version { wanted, latest } => {
                return write!(
                    f,
                    "conflict on {}: version {wanted} does not follow the latest version, {latest}",
                    self.key
                );
            }
        }
        if let ConflictCause::Expected(Expected::At(_)) = &self.cause {
            return write!(f, "it is at sequence {}", self.head.sequence);
        }
        let Some(state) = &self.head.state else {
            return write!(f, "no state was saved (sequence {})", self.head.sequence);
        };
        write!(f, "it is {} at ETag {} (sequence {})", state.lifecycle_state, state.etag, self.head.sequence)?;
        match &state.last_modified_by {
            Some(actor) => write!(f, ", set by {actor} at {}", state.last_modified),
            None => write!(f, ", set at {}", state.last_modified),
        }
    }
}
