//! What is there, when a statement has written nothing; and what follows from it, in the contract's
//! order of answers.

use super::Job;
use crate::codec;
use crate::entity::experiment_state;
use crate::error::of_sea_orm;
use crate::seen::Seen;
use governance_persistence::{
    Commit, CommitId, Error, ExperimentKey, Head, LogEntry, Receipt, RecordId, RecordKind, Replicated, Result, Sequence,
};
use sea_orm::{DbErr, FromQueryResult, QueryResult};
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
    /// The first commit that stands behind the head, where none can be.
    pub(crate) beyond: Option<Sequence>,
}

impl Look {
    /// From the one row of an engine's look: the columns of the head; those of the commit of the job's
    /// id, as `g_…`, and of the one at its sequence, as `a_…`; the sequence of the first commit behind the head, as
    /// `beyond`; and for each kind of its records those that
    /// are there, as [`Look::column_of`] names it: `sequence id,sequence id`.
    pub(crate) fn decode(job: &Job, row: &QueryResult) -> Result<Self> {
        let key = job.key();
        let mut records = BTreeMap::new();
        for kind in RecordKind::ALL {
            if job.records().iter().all(|record| record.kind() != kind) {
                continue;
            }
            let found: Option<String> = row.try_get("", &Self::column_of(kind)).map_err(not_decoded)?;
            for found in found.iter().flat_map(|found| found.split(',')) {
                let (sequence, id) = place(key, found)?;
                records.insert((kind, id), sequence);
            }
        }
        let commit = seen(key, row, "g_")?.map(|(_, seen)| seen);
        let at_sequence = seen(key, row, "a_")?;
        let there: Option<i64> = row.try_get("", "id").map_err(not_decoded)?;
        let head = if there.is_some() {
            codec::head(key, &experiment_state::Model::from_query_result(row, "").map_err(not_decoded)?)?
        } else {
            Head::empty(key.clone())
        };
        let beyond: Option<i64> = row.try_get("", "beyond").map_err(not_decoded)?;
        let beyond = beyond.map(|sequence| codec::sequence(key, sequence)).transpose()?;
        Ok(Self { head, commit, at_sequence, records, beyond })
    }

    /// A name that no column of the head has.
    pub(crate) fn column_of(kind: RecordKind) -> String {
        format!("found_{kind}")
    }

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
        self.check_log()?;
        Ok(None)
    }

    /// Where the log goes on behind the head, nothing can ever be written.
    fn check_log(&self) -> Result<()> {
        match self.beyond {
            None => Ok(()),
            Some(sequence) => Err(Error::corrupt(&self.head.key, sequence, "the log goes on behind the head")),
        }
    }

    /// The answer to an entry of another backplane, if one follows.
    pub(super) fn of_entry(&self, entry: &LogEntry) -> Result<Option<Replicated>> {
        let head = &self.head;
        if entry.sequence > head.sequence.next() {
            return Ok(Some(Replicated::Gap { head: head.sequence }));
        }
        if entry.sequence <= head.sequence {
            let same = |(id, seen): (CommitId, Seen)| id == entry.commit_id && seen.fingerprint == entry.fingerprint;
            return Ok(Some(if self.at_sequence.is_some_and(same) {
                Replicated::AlreadyApplied
            } else {
                Replicated::Diverged { sequence: entry.sequence }
            }));
        }
        let clash = self.commit.is_some()
            || !self.records.is_empty()
            || head.recorded_at > Some(entry.recorded_at)
            || entry.version_range().is_some_and(|(first, _)| head.version_clash(first).is_some());
        if clash {
            return Ok(Some(Replicated::Diverged { sequence: entry.sequence }));
        }
        self.check_log()?;
        Ok(None)
    }
}

/// A commit, if the join found one.
fn seen(key: &ExperimentKey, row: &QueryResult, prefix: &str) -> Result<Option<(CommitId, Seen)>> {
    let Some(id) = row.try_get::<Option<String>>(prefix, "id").map_err(not_decoded)? else {
        return Ok(None);
    };
    let (sequence, recorded_at) = (row.try_get(prefix, "sequence"), row.try_get(prefix, "recorded_at"));
    let (sequence, recorded_at) = (sequence.map_err(not_decoded)?, recorded_at.map_err(not_decoded)?);
    let fingerprint: String = row.try_get(prefix, "fingerprint").map_err(not_decoded)?;
    let seen = Seen::decode(key, sequence, &fingerprint, recorded_at)?;
    let id = codec::exact(&id).map_err(|error| codec::corrupt(key, seen.sequence, "the commit", &error))?;
    Ok(Some((id, seen)))
}

/// Where a record is, and its id: `sequence id`.
fn place(key: &ExperimentKey, found: &str) -> Result<(Sequence, RecordId)> {
    let (sequence, id) = found.split_once(' ').unwrap_or((found, ""));
    let decode = || Ok((sequence.parse()?, codec::exact(id)?));
    decode().map_err(|error| codec::corrupt(key, Sequence::ZERO, "where a record is", &error))
}

fn not_decoded(error: DbErr) -> Error {
    of_sea_orm("looking for a commit", error)
}
