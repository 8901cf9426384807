//! What a commit expects to find.

use crate::{ETag, Head, Sequence};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What must be true of the experiment for a commit to be applied. Of any number of concurrent
/// commits with the same `Match`, `Absent` or `At`, exactly one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Expected {
    /// Nothing: the commit is applied whatever is there. For appending records; with a state it
    /// overwrites.
    Any,
    /// No state was ever saved.
    Absent,
    /// The current state has this ETag. Records may have been added since.
    Match(ETag),
    /// Nothing at all was recorded since this sequence, not even an approval. `At(Sequence::ZERO)` creates.
    At(Sequence),
}

impl Expected {
    /// Does the head meet the expectation?
    pub fn is_met_by(self, head: &Head) -> bool {
        match self {
            Self::Any => true,
            Self::Absent => head.state.is_none(),
            Self::Match(etag) => head.etag() == Some(etag),
            Self::At(sequence) => head.sequence == sequence,
        }
    }
}

impl From<ETag> for Expected {
    fn from(etag: ETag) -> Self {
        Self::Match(etag)
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("anything"),
            Self::Absent => f.write_str("no saved state"),
            Self::Match(etag) => write!(f, "ETag {etag}"),
            Self::At(sequence) => write!(f, "sequence {sequence}"),
        }
    }
}
