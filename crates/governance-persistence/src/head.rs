//! Where an experiment stands.

use crate::{ETag, Expected, ExperimentKey, ExperimentState, Sequence, Timestamp, VersionNumber};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Where an experiment stands: all that one look-up tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Head {
    /// The experiment.
    pub key: ExperimentKey,
    /// The sequence of the last commit; 0 when nothing was ever recorded.
    pub sequence: Sequence,
    /// When the last commit was applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_at: Option<Timestamp>,
    /// The current state, if one was ever saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Arc<ExperimentState>>,
    /// The number of the latest configuration version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_version: Option<VersionNumber>,
    /// History up to here was pruned; 0 when all of it is there.
    pub pruned_through: Sequence,
}

impl Head {
    /// The head of an experiment of which nothing was ever recorded.
    pub fn empty(key: ExperimentKey) -> Self {
        Self {
            key,
            sequence: Sequence::ZERO,
            recorded_at: None,
            state: None,
            latest_version: None,
            pruned_through: Sequence::ZERO,
        }
    }

    /// Was anything ever recorded?
    pub fn exists(&self) -> bool {
        self.sequence > Sequence::ZERO
    }

    /// The ETag of the current state.
    pub fn etag(&self) -> Option<ETag> {
        self.state.as_ref().map(|state| state.etag)
    }

    /// What to expect if the state is to be what it is here: its ETag, or that there is none.
    /// Records may be added in between; where they must not, expect
    /// [`Expected::At`](crate::Expected::At) the sequence.
    pub fn same_state(&self) -> Expected {
        self.etag().map_or(Expected::Absent, Expected::Match)
    }

    /// The latest version, if a commit whose first version is `wanted` does not continue it. The
    /// first version of all may have any number.
    pub fn version_clash(&self, wanted: VersionNumber) -> Option<VersionNumber> {
        self.latest_version.filter(|latest| latest.next() != Some(wanted))
    }

    /// The number that the next configuration version must have, or may have if there is none.
    pub fn next_version(&self) -> Option<VersionNumber> {
        self.latest_version.map_or(Some(VersionNumber::FIRST), VersionNumber::next)
    }
}
