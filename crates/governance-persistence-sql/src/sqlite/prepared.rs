//! What can be made of a commit before the writer's thread gets it. Callers run side by side, and
//! the writer is what all of them wait for: of what a commit brings along, ids, hashes and the state
//! are texts before they are queued. It only binds them.

use governance_persistence::{Commit, CommitId, Error, Fingerprint, LogEntry, Record, Result, StateChange};

/// A commit, and the texts of its rows.
pub(super) struct Prepared {
    pub(super) commit: Commit,
    pub(super) texts: Texts,
}

impl Prepared {
    pub(super) fn of(commit: &Commit) -> Result<Self> {
        let texts = Texts::of((commit.id(), commit.fingerprint()), commit.state(), commit.records())?;
        Ok(Self { commit: commit.clone(), texts })
    }
}

/// The texts of a row in the log, and of its records.
pub(super) struct Texts {
    pub(super) commit_id: String,
    pub(super) fingerprint: String,
    pub(super) state: Option<String>,
    pub(super) records: Vec<RecordTexts>,
}

impl Texts {
    pub(super) fn of_entry(entry: &LogEntry) -> Result<Self> {
        Self::of((entry.commit_id, entry.fingerprint), entry.state.as_ref(), &entry.records)
    }

    fn of(
        (commit_id, fingerprint): (CommitId, Fingerprint),
        state: Option<&StateChange>,
        records: &[Record],
    ) -> Result<Self> {
        let state = state.map(serde_json::to_string).transpose().map_err(|error| Error::Backend {
            reason: "the state does not serialize".into(),
            source: Some(Box::new(error)),
        })?;
        let records = records.iter().map(RecordTexts::of).collect();
        Ok(Self { commit_id: commit_id.to_string(), fingerprint: fingerprint.to_string(), state, records })
    }
}

/// The texts of a record's row that are not texts in the record.
pub(super) struct RecordTexts {
    pub(super) id: String,
    /// Of an approval.
    pub(super) transition_id: Option<String>,
    /// Of a configuration: the version's own, or the one that an approval is for.
    pub(super) hash: Option<String>,
}

impl RecordTexts {
    fn of(record: &Record) -> Self {
        let (transition_id, hash) = match record {
            Record::Approval(approval) => (Some(approval.transition_id), approval.configuration_hash),
            Record::Version(version) => (None, Some(version.hash)),
            Record::Transition(_) | Record::Definition(_) | Record::Evaluation(_) => (None, None),
        };
        Self {
            id: record.id().to_string(),
            transition_id: transition_id.map(|id| id.to_string()),
            hash: hash.map(|hash| hash.to_string()),
        }
    }
}
