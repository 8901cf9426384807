//! The changes that bugs make to a commit before the in-memory backplane sees it.

use crate::bug::*;

fn rebuilt(commit: &Commit, key: &ExperimentKey, expected: Expected, records: Vec<Record>) -> CommitBuilder {
    let builder = Commit::builder(key, expected).id(commit.id()).records(records);
    commit.state().cloned().into_iter().fold(builder, CommitBuilder::state)
}

/// The same commit under another expectation.
pub(crate) fn expecting(commit: &Commit, expected: Expected) -> Commit {
    rebuilt(commit, commit.key(), expected, commit.records().to_vec()).build().unwrap()
}

/// The same commit to another experiment.
pub(crate) fn moved(commit: &Commit, key: &ExperimentKey) -> Commit {
    rebuilt(commit, key, commit.expected(), commit.records().to_vec()).build().unwrap()
}

/// The commit with these records for its own. It is invalid when that leaves it empty.
pub(crate) fn with_records(commit: &Commit, records: Vec<Record>) -> Result<Commit> {
    rebuilt(commit, commit.key(), commit.expected(), records).build()
}

/// A commit that says the same under ids of its own, but for versions, whose numbers are taken. It
/// is invalid when that leaves it empty.
pub(crate) fn copied(commit: &Commit) -> Result<Commit> {
    let mut records = commit.records().to_vec();
    records.retain(|record| record.kind() != RecordKind::Version);
    for record in &mut records {
        let id = match record {
            Record::Transition(record) => &mut record.id,
            Record::Approval(record) => &mut record.id,
            Record::Version(record) => &mut record.id,
            Record::Definition(record) => &mut record.id,
            Record::Evaluation(record) => &mut record.id,
        };
        *id = RecordId::new();
    }
    rebuilt(commit, commit.key(), Expected::Any, records).id(CommitId::new()).build()
}
