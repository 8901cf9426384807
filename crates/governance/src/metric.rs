//! The names of the metrics, each with the label `operation`, an [`Operation`]'s name.
//!
//! They go to the recorder that the application installs for the facade crate `metrics`; without one
//! they cost next to nothing.

use crate::Operation;
use governance_persistence::Receipt;
use std::time::Duration;

/// Counter: commits that were applied.
pub const COMMITS: &str = "governance_commits_total";
/// Counter: commits that an earlier attempt had applied already.
pub const REPLAYS: &str = "governance_replays_total";
/// Counter: commits that lost against what somebody else recorded, and requests that named a state or
/// a version that was gone when they were looked at.
pub const CONFLICTS: &str = "governance_conflicts_total";
/// Counter: requests judged once more, because only records were added meanwhile.
pub const RETRIES: &str = "governance_retries_total";
/// Histogram: seconds that the backplane took to answer a commit, whatever it answered.
pub const COMMIT_SECONDS: &str = "governance_commit_seconds";
/// Histogram: seconds from the start of a request to the commit that settled it: reading, judging
/// and committing, as often as it took.
pub const REQUEST_SECONDS: &str = "governance_request_seconds";

pub(crate) fn answered(operation: Operation, took: Duration) {
    metrics::histogram!(COMMIT_SECONDS, "operation" => operation.as_str()).record(took);
}

pub(crate) fn committed(operation: Operation, receipt: &Receipt) {
    let count = if receipt.replayed { REPLAYS } else { COMMITS };
    metrics::counter!(count, "operation" => operation.as_str()).increment(1);
}

pub(crate) fn settled(operation: Operation, took: Duration) {
    metrics::histogram!(REQUEST_SECONDS, "operation" => operation.as_str()).record(took);
}

pub(crate) fn conflict(operation: Operation) {
    metrics::counter!(CONFLICTS, "operation" => operation.as_str()).increment(1);
}

pub(crate) fn retry(operation: Operation) {
    metrics::counter!(RETRIES, "operation" => operation.as_str()).increment(1);
}
