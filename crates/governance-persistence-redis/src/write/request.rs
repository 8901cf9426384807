//! What the scripts that write are sent: their keys and arguments, in the order that `request.lua` tells.

use crate::codec;
use crate::keys::{CHUNK, Keys, List, series};
use crate::store::Chunks;
use bytes::{Bytes, BytesMut};
use governance_persistence::{
    Commit, CommitId, Expected, ExperimentKey, Fingerprint, LogEntry, Record, Result, StateChange, VersionNumber,
};

/// A commit, or an entry of a log elsewhere, made ready to be sent, and sent again.
pub(crate) struct Request<'a> {
    pub(crate) key: &'a ExperimentKey,
    /// The first ten arguments, but for whether the experiment is listed.
    opening: [Bytes; 10],
    etag: Bytes,
    counts: [u64; 5],
    /// Four a record.
    texts: Vec<Bytes>,
}

/// Which of the first ten arguments says that the experiment is listed.
const LISTED: usize = 8;

/// About how many bytes a state with its entry takes, and about as many a record.
const ROOM: usize = 1_024;

/// These bytes, written into the buffer and taken off it: see `codec`.
fn taken(text: &mut BytesMut, bytes: &[u8]) -> Bytes {
    if bytes.is_empty() {
        return Bytes::new();
    }
    text.extend_from_slice(bytes);
    text.split().freeze()
}

impl<'a> Request<'a> {
    pub(crate) fn of_commit(commit: &'a Commit) -> Result<Self> {
        let (expected, value) = match commit.expected() {
            Expected::Any => ("any", String::new()),
            Expected::Absent => ("absent", String::new()),
            Expected::Match(etag) => ("match", etag.to_string()),
            Expected::At(sequence) => ("at", sequence.to_string()),
        };
        let identity = (commit.key(), commit.id(), commit.fingerprint());
        let content = (commit.state(), commit.records(), commit.version_range());
        Self::new(identity, content, (expected, value), "")
    }

    pub(crate) fn of_entry(entry: &'a LogEntry) -> Result<Self> {
        let identity = (&entry.key, entry.commit_id, entry.fingerprint);
        let content = (entry.state.as_ref(), &entry.records[..], entry.version_range());
        let recorded_at = entry.recorded_at.unix_micros().to_string();
        Self::new(identity, content, ("", entry.sequence.to_string()), &recorded_at)
    }

    fn new(
        (key, id, fingerprint): (&'a ExperimentKey, CommitId, Fingerprint),
        (state, records, versions): (Option<&StateChange>, &'a [Record], Option<(VersionNumber, VersionNumber)>),
        (expected, value): (&'static str, String),
        recorded_at: &str,
    ) -> Result<Self> {
        let mut text = BytesMut::with_capacity(ROOM * (1 + records.len()));
        let state_text = match state {
            Some(change) => codec::state(&mut text, &change.clone().into_state(key.clone(), id))?,
            None => Bytes::new(),
        };
        let (first, last) = versions.map(|(first, last)| (first.to_string(), last.to_string())).unwrap_or_default();
        let etag = if state.is_some() { taken(&mut text, id.to_string().as_bytes()) } else { Bytes::new() };
        let mut texts = Vec::with_capacity(4 * records.len());
        for (ordinal, record) in (0..).zip(records) {
            let (number, group) = list_and_group(record);
            texts.push(Bytes::from_static(number.as_bytes()));
            texts.push(taken(&mut text, record.id().as_uuid().as_bytes()));
            texts.push(codec::record_tail(&mut text, ordinal, id, record)?);
            texts.push(taken(&mut text, group.as_bytes()));
        }
        let opening = [
            taken(&mut text, id.as_uuid().as_bytes()),
            taken(&mut text, fingerprint.as_bytes()),
            Bytes::from_static(expected.as_bytes()),
            taken(&mut text, value.as_bytes()),
            state_text,
            codec::entry_tail(&mut text, records, (id, fingerprint), state)?,
            taken(&mut text, first.as_bytes()),
            taken(&mut text, last.as_bytes()),
            Bytes::new(),
            taken(&mut text, recorded_at.as_bytes()),
        ];
        Ok(Self { key, opening, etag, counts: codec::counts(records), texts })
    }

    /// The keys, when the lists end in these chunks.
    pub(crate) fn keys(&self, keys: &Keys, chunks: &Chunks) -> Vec<String> {
        let mut named: Vec<String> = keys.fixed().into();
        named.push(keys.chunk(List::Commits, chunks[0]));
        for (index, list) in List::OF_RECORDS.into_iter().enumerate() {
            // At most a thousand go in at once, which is less than a chunk.
            let first = chunks[index + 1];
            named.extend((first..first + self.counts[index].min(2)).map(|number| keys.chunk(list, number)));
        }
        named
    }

    /// The arguments, when the lists end in these chunks.
    pub(crate) fn arguments(&self, listed: bool, chunks: &Chunks) -> Vec<Bytes> {
        let mut arguments = Vec::with_capacity(21 + self.texts.len());
        arguments.extend_from_slice(&self.opening);
        if listed {
            arguments[LISTED] = Bytes::from_static(b"1");
        }
        let number = |number: u64| match number {
            0 => Bytes::from_static(b"0"),
            1 => Bytes::from_static(b"1"),
            number => Bytes::from(number.to_string()),
        };
        arguments.extend([number(CHUNK), number(chunks[0])]);
        for (chunk, count) in chunks[1..].iter().zip(self.counts) {
            arguments.extend([number(*chunk), number(count)]);
        }
        arguments.push(self.etag.clone());
        arguments.extend_from_slice(&self.texts);
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
