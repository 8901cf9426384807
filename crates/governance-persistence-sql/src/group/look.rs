//! What is there, when a statement has written nothing; and what follows from it, in the contract's
//! order of answers.

use crate::seen::Seen;
use governance_persistence::{
    Commit, CommitId, Error, Head, LogEntry, Receipt, RecordId, RecordKind, Replicated, Result, Sequence,
};
use std::collections::BTreeMap;

/// All that the order of answers needs, at one moment.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) head: Head,
    /// The commit of the job's id.
    pub(crate) commit: Option<Seen>,
    /// The commit at the job's sequence, if it must have a certain one.
    pub(crate) at_sequence: Option<(CommitId, Seen)>,
    /// Where the job's records are, those that are there.
    pub(crate) records: BTreeMap<(RecordKind, RecordId), Sequence>,
}

impl Look {
    /// The answer to a commit, if one follows.
    pub(super) fn of_commit(&self, commit: &Commit) -> Result<Option<Receipt>> {
        if let Some(seen) = &self.commit {
            return seen.answer(commit).map(Some);
        }
        commit.check_against(&self.head)?;
        for record in commit.records() {
            let (kind, id) = (record.kind(), record.id());
            if let Some(&sequence) = self.records.get(&(kind, id)) {
                return Err(Error::RecordIdReused { key: commit.key().clone(), kind, id, sequence });
            }
        }
        Ok(None)
    }

    /// The answer to an entry of another backplane, if one follows.
    pub(super) fn of_entry(&self, entry: &LogEntry) -> Option<Replicated> {
        let head = &self.head;
        if entry.sequence > head.sequence.next() {
            return Some(Replicated::Gap { head: head.sequence });
        }
        if entry.sequence <= head.sequence {
            let same = |(id, seen): (CommitId, Seen)| id == entry.commit_id && seen.fingerprint == entry.fingerprint;
            return Some(if self.at_sequence.is_some_and(same) {
                Replicated::AlreadyApplied
            } else {
                Replicated::Diverged { sequence: entry.sequence }
            });
        }
        let clash = self.commit.is_some()
            || !self.records.is_empty()
            || head.recorded_at > Some(entry.recorded_at)
            || entry.version_range().is_some_and(|(first, _)| head.version_clash(first).is_some());
        clash.then_some(Replicated::Diverged { sequence: entry.sequence })
    }
}
