//! The one error type, classified by what the caller should do about it.

mod conflict;
mod fault;

pub use conflict::{Conflict, ConflictCause};
pub(crate) use fault::Faults;
pub use fault::{Fault, Invalid};

use crate::{CommitId, ExperimentKey, RecordId, RecordKind, Sequence};

/// What every fallible call of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The cause beneath an error, as the engine's driver gave it.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// Whether a commit that failed may have been applied all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// This attempt wrote nothing, and will not. If an earlier attempt with the same commit ended
    /// [`Unknown`](Self::Unknown), that one may have been applied all the same, unless this answer
    /// is about the commit itself ([`Conflict`](Error::Conflict) or a reused id): a commit that was
    /// applied is told as a replay before any of these.
    NotApplied,
    /// Everything or nothing was written. Send the **same** commit again to find out.
    Unknown,
}

/// Why an operation failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request is wrong, every faulty field is listed: fix it.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Another writer was first: reload, decide anew.
    #[error("{0}")]
    Conflict(Box<Conflict>),
    /// A commit id came back with other content: a bug in the caller.
    #[error(
        "commit id {commit_id} was used before on {key}, at sequence {sequence}, with other \
         content; a new commit needs a new id"
    )]
    CommitIdReused {
        /// The experiment.
        key: ExperimentKey,
        /// The id that came back.
        commit_id: CommitId,
        /// The sequence that holds it.
        sequence: Sequence,
    },
    /// A record id came back in another commit: a bug in the caller.
    #[error(
        "{kind} id {id} was used before on {key}, at sequence {sequence}; a new record needs a \
         new id"
    )]
    RecordIdReused {
        /// The experiment.
        key: ExperimentKey,
        /// The kind of record; ids are unique within experiment and kind.
        kind: RecordKind,
        /// The id that came back.
        id: RecordId,
        /// The sequence that holds it.
        sequence: Sequence,
    },
    /// The engine cannot be reached or is too busy: retry, by the same commit.
    #[error("unavailable ({outcome}): {reason}")]
    Unavailable {
        /// Whether the commit may have been applied.
        outcome: Outcome,
        /// What happened.
        reason: Box<str>,
        /// The driver's error, where there is one.
        source: Option<Source>,
    },
    /// Stored data does not decode, or is not what was committed: investigate.
    #[error("corrupt data of {key} at sequence {sequence}: {problem}")]
    Corrupt {
        /// The experiment.
        key: ExperimentKey,
        /// Where in its history.
        sequence: Sequence,
        /// What is wrong.
        problem: Box<str>,
    },
    /// This engine, in this version or set-up, cannot do what was asked: choose another.
    #[error("{what} is not supported: {why}")]
    Unsupported {
        /// What was asked.
        what: Box<str>,
        /// Why not, and what to do instead.
        why: Box<str>,
    },
    /// Anything else, with its source: report it.
    #[error("{reason}")]
    Backend {
        /// What was being done, and what happened.
        reason: Box<str>,
        /// The driver's error, where there is one.
        source: Option<Source>,
    },
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotApplied => "nothing was applied",
            Self::Unknown => "send the same commit again to learn whether it was applied",
        })
    }
}

impl Error {
    /// An [`Error::Invalid`] of one fault.
    pub fn invalid(field: impl Into<String>, problem: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::Invalid(Fault::new(field, problem, expected).into())
    }

    /// An [`Error::Unavailable`] that applied nothing.
    pub fn not_applied(reason: impl Into<Box<str>>, source: Option<Source>) -> Self {
        Self::Unavailable { outcome: Outcome::NotApplied, reason: reason.into(), source }
    }

    /// An [`Error::Unavailable`] whose outcome is unknown.
    pub fn unknown(reason: impl Into<Box<str>>, source: Option<Source>) -> Self {
        Self::Unavailable { outcome: Outcome::Unknown, reason: reason.into(), source }
    }

    /// An [`Error::Corrupt`] of the experiment's entry at `sequence`.
    pub fn corrupt(key: &ExperimentKey, sequence: Sequence, problem: impl Into<Box<str>>) -> Self {
        Self::Corrupt { key: key.clone(), sequence, problem: problem.into() }
    }

    /// Did another writer win?
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }

    /// May the same request succeed when it is sent again?
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// Whether the commit that failed with this error may have been applied.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Invalid(_)
            | Self::Conflict(_)
            | Self::CommitIdReused { .. }
            | Self::RecordIdReused { .. }
            | Self::Unsupported { .. } => Outcome::NotApplied,
            Self::Unavailable { outcome, .. } => *outcome,
            Self::Corrupt { .. } | Self::Backend { .. } => Outcome::Unknown,
        }
    }

    /// The conflict, when it is one.
    pub fn as_conflict(&self) -> Option<&Conflict> {
        match self {
            Self::Conflict(conflict) => Some(conflict),
            _ => None,
        }
    }
}

impl From<Conflict> for Error {
    fn from(conflict: Conflict) -> Self {
        Self::Conflict(Box::new(conflict))
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Invalid(fault.into())
    }
}
