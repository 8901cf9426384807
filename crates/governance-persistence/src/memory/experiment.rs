//! One experiment in memory: its log, and the indexes that answer without walking it.

use super::HashMap;
use super::ids::Ids;
use crate::commit::version_range;
use crate::{
    Commit, CommitId, Error, ExperimentKey, ExperimentState, Fingerprint, Head, LogEntry, LookUp, Place, Receipt,
    Record, RecordId, RecordKind, Recorded, Replicated, Result, Sequence, StateChange, Timestamp, VersionNumber,
};
use std::sync::Arc;

/// The head stands alone, because it is what is asked for most: so the table of experiments stays small
/// enough for the processor's cache.
#[derive(Debug)]
pub(super) struct Experiment {
    head: Head,
    past: Box<Past>,
}

#[derive(Debug, Default)]
struct Past {
    log: Vec<Stored>,
    commits: Ids<CommitId>,
    record_ids: [Ids<RecordId>; RecordKind::ALL.len()],
    places: [Vec<Place>; RecordKind::ALL.len()],
    first_version: Option<VersionNumber>,
    definitions: HashMap<String, Place>,
    evaluations: HashMap<String, Place>,
    approvals: HashMap<RecordId, Vec<Place>>,
}

/// A commit as applied. A commit of our own keeps its fingerprint to be computed when asked for.
#[derive(Debug)]
enum Stored {
    Commit(Commit, Timestamp),
    Replicated(Arc<LogEntry>),
}

impl Stored {
    fn records(&self) -> &[Record] {
        match self {
            Self::Commit(commit, _) => commit.records(),
            Self::Replicated(entry) => &entry.records,
        }
    }

    fn commit_id(&self) -> CommitId {
        match self {
            Self::Commit(commit, _) => commit.id(),
            Self::Replicated(entry) => entry.commit_id,
        }
    }

    fn recorded_at(&self) -> Timestamp {
        match self {
            Self::Commit(_, recorded_at) => *recorded_at,
            Self::Replicated(entry) => entry.recorded_at,
        }
    }

    fn fingerprint(&self) -> Fingerprint {
        match self {
            Self::Commit(commit, _) => commit.fingerprint(),
            Self::Replicated(entry) => entry.fingerprint,
        }
    }
}

impl Experiment {
    pub(super) fn new(key: ExperimentKey) -> Self {
        Self { head: Head::empty(key), past: Box::default() }
    }

    pub(super) fn head(&self) -> &Head {
        &self.head
    }

    /// Decides in the contract's order of answers, then applies.
    pub(super) fn commit(&mut self, commit: &Commit) -> Result<Receipt> {
        let (key, commit_id) = (commit.key(), commit.id());
        if let Some(sequence) = self.past.commits.get(commit_id) {
            let stored = self.stored(sequence);
            if stored.fingerprint() == commit.fingerprint() {
                return Ok(Receipt::replayed(commit, sequence, stored.recorded_at()));
            }
            return Err(Error::CommitIdReused { key: key.clone(), commit_id, sequence });
        }
        commit.check_against(&self.head)?;
        if let Some((kind, id, sequence)) = self.reused_record(commit.records()) {
            return Err(Error::RecordIdReused { key: key.clone(), kind, id, sequence });
        }
        let recorded_at = self.head.recorded_at.map_or_else(Timestamp::now, |before| before.max(Timestamp::now()));
        let sequence = self.apply(Stored::Commit(commit.clone(), recorded_at), commit.state());
        Ok(Receipt::applied(commit, sequence, recorded_at))
    }

    pub(super) fn replicate(&mut self, entry: &LogEntry) -> Replicated {
        let next = self.head.sequence.next();
        if entry.sequence > next {
            return Replicated::Gap { head: self.head.sequence };
        }
        if entry.sequence < next {
            let stored = self.stored(entry.sequence);
            let same = stored.commit_id() == entry.commit_id && stored.fingerprint() == entry.fingerprint;
            return if same { Replicated::AlreadyApplied } else { Replicated::Diverged { sequence: entry.sequence } };
        }
        let clash = self.past.commits.get(entry.commit_id).is_some()
            || self.head.recorded_at.is_some_and(|before| entry.recorded_at < before)
            || entry.version_range().is_some_and(|(first, _)| self.head.version_clash(first).is_some())
            || self.reused_record(&entry.records).is_some();
        if clash {
            return Replicated::Diverged { sequence: entry.sequence };
        }
        self.apply(Stored::Replicated(Arc::new(entry.clone())), entry.state.as_ref());
        Replicated::Applied
    }

    fn reused_record(&self, records: &[Record]) -> Option<(RecordKind, RecordId, Sequence)> {
        records.iter().find_map(|record| {
            let (kind, id) = (record.kind(), record.id());
            self.past.record_ids[kind as usize].get(id).map(|sequence| (kind, id, sequence))
        })
    }

    fn apply(&mut self, stored: Stored, state: Option<&StateChange>) -> Sequence {
        let sequence = self.head.sequence.next();
        self.past.commits.insert(stored.commit_id(), sequence);
        for (ordinal, record) in (0..).zip(stored.records()) {
            self.index(record, Place::new(sequence, ordinal));
        }
        if let Some((first, last)) = version_range(stored.records()) {
            self.past.first_version.get_or_insert(first);
            self.head.latest_version = Some(last);
        }
        if let Some(state) = state {
            let state: ExperimentState = state.clone().into_state(self.head.key.clone(), stored.commit_id());
            self.head.state = Some(Arc::new(state));
        }
        self.head.sequence = sequence;
        self.head.recorded_at = Some(stored.recorded_at());
        self.past.log.push(stored);
        sequence
    }

    fn index(&mut self, record: &Record, place: Place) {
        self.past.record_ids[record.kind() as usize].insert(record.id(), place.sequence);
        self.past.places[record.kind() as usize].push(place);
        match record {
            Record::Approval(record) => self.past.approvals.entry(record.transition_id).or_default().push(place),
            Record::Definition(record) => put(&mut self.past.definitions, &record.name, place),
            Record::Evaluation(record) => put(&mut self.past.evaluations, &record.policy, place),
            Record::Transition(_) | Record::Version(_) => {}
        }
    }

    fn stored(&self, sequence: Sequence) -> &Stored {
        &self.past.log[index_of(sequence)]
    }

    pub(super) fn entry(&self, sequence: Sequence) -> LogEntry {
        match self.stored(sequence) {
            Stored::Commit(commit, recorded_at) => LogEntry::of(commit, sequence, *recorded_at),
            Stored::Replicated(entry) => LogEntry::clone(entry),
        }
    }

    pub(super) fn sequence_of(&self, id: CommitId) -> Option<Sequence> {
        self.past.commits.get(id)
    }

    /// The places of all records of a kind, in order.
    pub(super) fn places(&self, kind: RecordKind) -> &[Place] {
        &self.past.places[kind as usize]
    }

    pub(super) fn recorded_at(&self, place: Place) -> Timestamp {
        self.stored(place.sequence).recorded_at()
    }

    pub(super) fn record(&self, place: Place) -> Recorded<Record> {
        let stored = self.stored(place.sequence);
        Recorded {
            place,
            commit_id: stored.commit_id(),
            recorded_at: stored.recorded_at(),
            record: stored.records()[place.ordinal as usize].clone(),
        }
    }

    pub(super) fn look_up(&self, look_up: LookUp<'_>) -> Vec<Recorded<Record>> {
        let versions = self.places(RecordKind::Version);
        let places: &[Place] = match look_up {
            LookUp::Version(number) => self.version_place(number).map_or(&[], std::slice::from_ref),
            LookUp::LatestVersion => versions.last().map_or(&[], std::slice::from_ref),
            LookUp::LatestDefinition(policy) => self.past.definitions.get(policy).map_or(&[], std::slice::from_ref),
            LookUp::LatestEvaluation(policy) => self.past.evaluations.get(policy).map_or(&[], std::slice::from_ref),
            LookUp::Approvals(transition) => self.past.approvals.get(&transition).map_or(&[], Vec::as_slice),
        };
        places.iter().map(|place| self.record(*place)).collect()
    }

    fn version_place(&self, number: VersionNumber) -> Option<&Place> {
        let offset = number.get().checked_sub(self.past.first_version?.get())?;
        self.places(RecordKind::Version).get(usize::try_from(offset).ok()?)
    }
}

/// The log holds sequence 1 at index 0.
fn index_of(sequence: Sequence) -> usize {
    usize::try_from(sequence.get()).unwrap_or(usize::MAX) - 1
}

fn put(index: &mut HashMap<String, Place>, name: &str, place: Place) {
    match index.get_mut(name) {
        Some(latest) => *latest = place,
        None => {
            index.insert(name.to_owned(), place);
        }
    }
}
