//! What the scripts that write are sent: their keys and arguments, in the order that `request.lua` tells.

use crate::codec;
use crate::keys::{CHUNK, Keys, series};
use crate::store::Chunks;
use crate::words::Words;
use bytes::Bytes;
use governance_persistence::{
    Commit, CommitId, Expected, ExperimentKey, Fingerprint, LogEntry, Record, Result, StateChange, VersionNumber,
};

/// A commit, or an entry of a log elsewhere, made ready to be sent, and sent again.
pub(crate) struct Request<'a> {
    pub(crate) key: &'a ExperimentKey,
    /// The arguments, but for the numbers, and whether the experiment is listed.
    arguments: Vec<Bytes>,
    counts: [u64; 5],
    /// The first and the last, zero when there is none.
    versions: [u64; 2],
}

/// Which of the arguments are the numbers, and which says that the experiment is listed.
const NUMBERS: usize = 5;
const LISTED: usize = 6;

/// About how many bytes a state with its entry takes, and about as many a record.
const ROOM: usize = 1_024;

impl<'a> Request<'a> {
    pub(crate) fn of_commit(commit: &'a Commit) -> Result<Self> {
        let identity = (commit.key(), commit.id(), commit.fingerprint());
        let content = (commit.state(), commit.records(), commit.version_range());
        match commit.expected() {
            Expected::Any => Self::new(identity, content, "any", ""),
            Expected::Absent => Self::new(identity, content, "absent", ""),
            Expected::Match(etag) => Self::new(identity, content, &format!("match {etag}"), ""),
            Expected::At(sequence) => Self::new(identity, content, &format!("at {sequence}"), ""),
        }
    }

    pub(crate) fn of_entry(entry: &'a LogEntry) -> Result<Self> {
        let identity = (&entry.key, entry.commit_id, entry.fingerprint);
        let content = (entry.state.as_ref(), &entry.records[..], entry.version_range());
        Self::new(identity, content, &entry.sequence.to_string(), &entry.recorded_at.unix_micros().to_string())
    }

    fn new(
        (key, id, fingerprint): (&'a ExperimentKey, CommitId, Fingerprint),
        (state, records, versions): (Option<&StateChange>, &'a [Record], Option<(VersionNumber, VersionNumber)>),
        expected: &str,
        recorded_at: &str,
    ) -> Result<Self> {
        let mut words = Words::with_capacity(9 + 4 * records.len(), ROOM * (1 + records.len()));
        words.add(&[id.as_uuid().as_bytes()]);
        words.add(&[fingerprint.as_bytes()]);
        words.add(&[expected]);
        match state {
            Some(change) => codec::state(&mut words, &change.clone().into_state(key.clone(), id))?,
            None => words.add(&[""]),
        }
        codec::entry_tail(&mut words, records, (id, fingerprint), state)?;
        words.add(&[""]);
        words.add(&[""]);
        words.add(&[recorded_at]);
        match state {
            Some(_) => words.add(&[id.to_string()]),
            None => words.add(&[""]),
        }
        for (ordinal, record) in (0..).zip(records) {
            let (number, group) = list_and_group(record);
            words.add(&[number]);
            words.add(&[record.id().as_uuid().as_bytes()]);
            codec::record_tail(&mut words, ordinal, id, record)?;
            words.add(&[&group[..]]);
        }
        let versions = versions.map_or([0; 2], |(first, last)| [first.get(), last.get()]);
        Ok(Self { key, arguments: words.into_bytes(), counts: codec::counts(records), versions })
    }

    /// The keys, when the lists end in these chunks.
    pub(crate) fn keys(&self, keys: &Keys, chunks: &Chunks) -> Vec<Bytes> {
        keys.touched(self.counts, chunks)
    }

    /// The arguments, when the lists end in these chunks.
    pub(crate) fn arguments(&self, listed: bool, chunks: &Chunks) -> Vec<Bytes> {
        let mut arguments = self.arguments.clone();
        let [commits, first @ ..] = chunks;
        let lists = first.iter().zip(self.counts).flat_map(|(first, count)| [*first, count]);
        let mut numbers = CHUNK.to_string();
        for number in std::iter::once(*commits).chain(lists).chain(self.versions) {
            numbers.push(' ');
            match number {
                // Most are, and need no formatting.
                0..10 => numbers.push(char::from(b'0' + number as u8)),
                _ => numbers.push_str(&number.to_string()),
            }
        }
        arguments[NUMBERS] = numbers.into();
        if listed {
            arguments[LISTED] = Bytes::from_static(b"1");
        }
        arguments
    }
}

/// The number by which the scripts know the record's series, and what it is looked up by.
fn list_and_group(record: &Record) -> (&'static str, String) {
    const NUMBERS: [&str; 5] = ["1", "2", "3", "4", "5"];
    let group = match record {
        Record::Transition(_) => String::new(),
        Record::Approval(approval) => approval.transition_id.to_string(),
        Record::Evaluation(evaluation) => evaluation.policy.clone(),
        Record::Definition(definition) => definition.name.clone(),
        Record::Version(version) => version.number.to_string(),
    };
    (NUMBERS[series(record.kind())], group)
}
