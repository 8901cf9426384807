//! Questions: what may be asked, page by page, and how fresh the answer must be.

mod experiments;
mod history;
mod page;

pub use experiments::{ExperimentsQuery, Filter};
pub use history::{Direction, HistoryQuery};
pub use page::{Cursor, Page, PageSize};

use crate::{RecordId, RecordKind, VersionNumber};

/// How fresh an answer must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Consistency {
    /// Linearizable with commits: what was acknowledged before the read began is seen.
    #[default]
    Strong,
    /// May be served by a configured replica, and so be a little old.
    Eventual,
}

/// A question whose cost does not grow with the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LookUp<'a> {
    /// The configuration version of this number.
    Version(VersionNumber),
    /// The latest configuration version.
    LatestVersion,
    /// The latest definition of the policy of this name, by place in history.
    LatestDefinition(&'a str),
    /// The latest evaluation of the policy of this name, by place in history.
    LatestEvaluation(&'a str),
    /// All approvals for this transition, in order.
    Approvals(RecordId),
}

impl LookUp<'_> {
    /// The kind of record it finds.
    pub const fn kind(&self) -> RecordKind {
        match self {
            Self::Version(_) | Self::LatestVersion => RecordKind::Version,
            Self::LatestDefinition(_) => RecordKind::Definition,
            Self::LatestEvaluation(_) => RecordKind::Evaluation,
            Self::Approvals(_) => RecordKind::Approval,
        }
    }
}
