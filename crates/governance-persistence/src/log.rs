//! A commit as it was applied.

use crate::commit::{Content, version_range};
use crate::{
    Commit, CommitId, Error, ExperimentKey, ExperimentState, Fingerprint, Place, Record, Recorded, Result, Sequence,
    StateChange, Timestamp, VersionNumber,
};
use serde::{Deserialize, Serialize};

/// A commit as it was applied: the unit of audit, replay and replication.
///
/// In JSON it holds all that is needed to check it: see [`verify`](Self::verify).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct LogEntry {
    /// The commit.
    pub commit_id: CommitId,
    /// Its fingerprint, as it was stored when it was applied.
    pub fingerprint: Fingerprint,
    /// The experiment.
    pub key: ExperimentKey,
    /// When the backplane applied it.
    pub recorded_at: Timestamp,
    /// Its records, by ordinal.
    pub records: Vec<Record>,
    /// The sequence it was given.
    pub sequence: Sequence,
    /// The state it left, if it changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<StateChange>,
}

impl LogEntry {
    /// The entry of a commit that was applied at `sequence`.
    pub fn of(commit: &Commit, sequence: Sequence, recorded_at: Timestamp) -> Self {
        Self {
            commit_id: commit.id(),
            fingerprint: commit.fingerprint(),
            key: commit.key().clone(),
            recorded_at,
            records: commit.records().to_vec(),
            sequence,
            state: commit.state().cloned(),
        }
    }

    /// An entry put together from stored parts. Nothing is checked: see [`verify`](Self::verify).
    pub fn from_parts(
        (key, sequence): (ExperimentKey, Sequence),
        (commit_id, fingerprint): (CommitId, Fingerprint),
        recorded_at: Timestamp,
        state: Option<StateChange>,
        records: Vec<Record>,
    ) -> Self {
        Self { commit_id, fingerprint, key, recorded_at, records, sequence, state }
    }

    fn content(&self) -> Content<'_> {
        Content { commit_id: self.commit_id, key: &self.key, records: &self.records, state: self.state.as_ref() }
    }

    /// Checks that the entry is what was committed: every rule of a commit holds, each
    /// configuration has its hash, and the fingerprint computed anew is the stored one.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`], which names key and sequence.
    pub fn verify(&self) -> Result<()> {
        let corrupt = |problem: String| Error::corrupt(&self.key, self.sequence, problem);
        if self.sequence == Sequence::ZERO {
            return Err(corrupt("an entry has a sequence from 1 on".into()));
        }
        self.content().check().map_err(|error| corrupt(error.to_string()))?;
        let computed = self.content().fingerprint();
        if computed == self.fingerprint {
            Ok(())
        } else {
            let stored = self.fingerprint;
            Err(corrupt(format!("the fingerprint is {computed}, but {stored} was stored with it")))
        }
    }

    /// The current state that it left, if it changed it.
    pub fn experiment_state(&self) -> Option<ExperimentState> {
        Some(self.state.clone()?.into_state(self.key.clone(), self.commit_id))
    }

    /// First and last number of its configuration versions, if it has any.
    pub fn version_range(&self) -> Option<(VersionNumber, VersionNumber)> {
        version_range(&self.records)
    }

    /// Its records, each with its place.
    pub fn recorded(&self) -> impl Iterator<Item = Recorded<Record>> + '_ {
        (0..).zip(&self.records).map(|(ordinal, record)| Recorded {
            place: Place::new(self.sequence, ordinal),
            commit_id: self.commit_id,
            recorded_at: self.recorded_at,
            record: record.clone(),
        })
    }
}
