//! What a writer gets back.

use crate::{Commit, CommitId, ETag, Sequence, Timestamp};
use serde::{Deserialize, Serialize};

/// The proof that a commit was applied: where and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Receipt {
    /// The commit.
    pub commit_id: CommitId,
    /// The sequence it was given.
    pub sequence: Sequence,
    /// The ETag of the state that it set, if it set one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<ETag>,
    /// When the backplane applied it.
    pub recorded_at: Timestamp,
    /// Was it applied by an earlier attempt already? Then all else is as it was then.
    ///
    /// Of all attempts with one commit, at most one is told `false`: the one that applied it. When
    /// its reply is lost, all others are told `true`, and so is a call that sent the commit again
    /// by itself, as [`Retrying`](crate::Retrying) does: `true` does not say *whose* attempt it was.
    pub replayed: bool,
}

impl Receipt {
    /// The receipt of a commit that is applied now.
    pub fn applied(commit: &Commit, sequence: Sequence, recorded_at: Timestamp) -> Self {
        Self { commit_id: commit.id(), sequence, etag: commit.etag(), recorded_at, replayed: false }
    }

    /// The receipt of a commit that was applied earlier, there and then.
    pub fn replayed(commit: &Commit, sequence: Sequence, recorded_at: Timestamp) -> Self {
        Self { replayed: true, ..Self::applied(commit, sequence, recorded_at) }
    }
}
