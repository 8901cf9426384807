//! What can be made of a commit before a writer gets it. Callers run side by side, and a writer is
//! what many of them wait for: of what a commit brings along, ids, hashes and the state are texts
//! before they are queued. It only binds them.

use governance_persistence::{Commit, CommitId, Error, Fingerprint, LogEntry, Record, Result, StateChange};

/// A commit, and the texts of its rows.
#[cfg(feature = "sqlite")]
pub(crate) struct Prepared {
    pub(crate) commit: Commit,
    pub(crate) texts: Texts,
}

#[cfg(feature = "sqlite")]
impl Prepared {
    pub(crate) fn of(commit: &Commit) -> Result<Self> {
        Ok(Self { commit: commit.clone(), texts: Texts::of_commit(commit)? })
    }
}

/// The texts of a row in the log, and of its records.
pub(crate) struct Texts {
    pub(crate) commit_id: String,
    pub(crate) fingerprint: String,
    pub(crate) state: Option<String>,
    pub(crate) records: Vec<RecordTexts>,
}

impl Texts {
    pub(crate) fn of_commit(commit: &Commit) -> Result<Self> {
        Self::of((commit.id(), commit.fingerprint()), commit.state(), commit.records())
    }

    pub(crate) fn of_entry(entry: &LogEntry) -> Result<Self> {
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
pub(crate) struct RecordTexts {
    pub(crate) id: String,
    /// Of an approval.
    pub(crate) transition_id: Option<String>,
    /// Of a configuration: the version's own, or the one that an approval is for.
    pub(crate) hash: Option<String>,
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
