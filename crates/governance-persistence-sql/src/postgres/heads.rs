//! The batch itself: a row a commit.

use super::column::{Column, columns};
use crate::codec::{self, scope};
use crate::group::{Expectation, Job};
use governance_persistence::{Timestamp, VersionNumber};

/// How `mode` says what the head's row must be like.
pub(super) const ANY: i64 = 0;
pub(super) const NO_STATE: i64 = 1;
pub(super) const STATE: i64 = 2;
pub(super) const AT: i64 = 3;

/// What stands beside `mode` is for the one mode that needs it.
pub(super) fn columns<'a>() -> Vec<Column<&'a Job>> {
    columns! { job =>
        tenant: text = scope(job.key().tenant());
        environment: text = scope(job.key().environment());
        name: text = job.key().name();
        mode: int8 = mode(job.expectation());
        expected_etag: text = expected_etag(job.expectation());
        expected_sequence: int8 = expected_sequence(job.expectation());
        commit_id: text = job.texts().commit_id.as_str();
        fingerprint: text = job.texts().fingerprint.as_str();
        log_state: json = job.texts().state.as_deref();
        recorded_at: int8 = job.recorded_at().map(Timestamp::unix_micros);
        lifecycle_state: text = job.state().map(|state| state.lifecycle_state.as_str());
        configuration_version: int8 = number(job.state().and_then(|state| state.configuration_version));
        last_modified: int8 = job.state().map(|state| state.last_modified.unix_micros());
        last_modified_by: text = job.state().and_then(|state| state.last_modified_by.as_deref());
        metadata: json = job.state().map(|state| state.metadata.as_str());
        first_version: int8 = number(job.versions().map(|(first, _)| first));
        last_version: int8 = number(job.versions().map(|(_, last)| last));
    }
}

fn number(version: Option<VersionNumber>) -> Option<i64> {
    version.map(codec::number)
}

fn mode(expectation: Expectation) -> i64 {
    match expectation {
        Expectation::Any => ANY,
        Expectation::NoState => NO_STATE,
        Expectation::State(_) => STATE,
        Expectation::At(_) => AT,
    }
}

fn expected_etag(expectation: Expectation) -> Option<String> {
    match expectation {
        Expectation::State(etag) => Some(etag.to_string()),
        Expectation::Any | Expectation::NoState | Expectation::At(_) => None,
    }
}

fn expected_sequence(expectation: Expectation) -> Option<i64> {
    match expectation {
        Expectation::At(sequence) => Some(codec::count(sequence)),
        Expectation::Any | Expectation::NoState | Expectation::State(_) => None,
    }
}
