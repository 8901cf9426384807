//! What managers commit.

use std::fmt;

/// What a manager commits. It stands in audit events, and as the label `operation` of each metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// A move through the lifecycle.
    Transition,
    /// What refused a move.
    Refusal,
    /// People are asked to approve a move.
    Request,
    /// Somebody decided about a request.
    Decision,
    /// A configuration version.
    Version,
    /// An earlier configuration is brought back, with a move or without.
    Rollback,
    /// Policies were evaluated outside of a move.
    Evaluation,
    /// A policy was defined.
    Definition,
}

impl Operation {
    /// The name, as metrics have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transition => "transition",
            Self::Refusal => "refusal",
            Self::Request => "request",
            Self::Decision => "decision",
            Self::Version => "version",
            Self::Rollback => "rollback",
            Self::Evaluation => "evaluation",
            Self::Definition => "definition",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
