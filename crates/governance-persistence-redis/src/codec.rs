//! What is stored, as text, and back to the core's types. What does not decode is corrupt.

use crate::keys::series;
use crate::link::Reply;
use crate::words::Words;
use governance_persistence::{
    CommitId, Error, ExperimentKey, ExperimentState, Fingerprint, Head, LogEntry, Place, Record, RecordKind, Recorded,
    Result, Sequence, StateChange, Timestamp, VersionNumber,
};
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

/// A record as it is stored; the script adds sequence and instant in front.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct StoredRecord {
    sequence: Sequence,
    recorded_at: i64,
    ordinal: u32,
    commit_id: CommitId,
    record: Record,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RecordTail<'a> {
    ordinal: u32,
    commit_id: CommitId,
    record: &'a Record,
}

/// An entry of the log as it is stored: all but its records, and where those are. The script adds sequence,
/// instant and `before`.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct StoredEntry {
    pub(crate) sequence: Sequence,
    recorded_at: i64,
    /// How many records there were before, in each series.
    pub(crate) before: [u64; 5],
    /// How many it added.
    pub(crate) counts: [u64; 5],
    pub(crate) commit_id: CommitId,
    fingerprint: Fingerprint,
    #[serde(default)]
    state: Option<StateChange>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EntryTail<'a> {
    counts: [u64; 5],
    commit_id: CommitId,
    fingerprint: Fingerprint,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a StateChange>,
}

/// How many of these records go into each series.
pub(crate) fn counts(records: &[Record]) -> [u64; 5] {
    let mut counts = [0; 5];
    for record in records {
        counts[series(record.kind())] += 1;
    }
    counts
}

/// Adds the record without what the script adds.
pub(crate) fn record_tail(words: &mut Words, ordinal: u32, commit_id: CommitId, record: &Record) -> Result<()> {
    json(words, BRACE, &RecordTail { ordinal, commit_id, record })
}

/// Adds the entry without what the script adds.
pub(crate) fn entry_tail(
    words: &mut Words,
    records: &[Record],
    (commit_id, fingerprint): (CommitId, Fingerprint),
    state: Option<&StateChange>,
) -> Result<()> {
    json(words, BRACE, &EntryTail { counts: counts(records), commit_id, fingerprint, state })
}

/// Adds the state.
pub(crate) fn state(words: &mut Words, state: &ExperimentState) -> Result<()> {
    json(words, 0, state)
}

/// The opening brace of what is added to stands in front of what the script adds.
const BRACE: usize = 1;

fn json<T: Serialize>(words: &mut Words, skipped: usize, value: &T) -> Result<()> {
    words.add_written(skipped, |text| serde_json::to_writer(text, value)).map_err(|error| Error::Backend {
        reason: "what was to be stored does not serialize".into(),
        source: Some(Box::new(error)),
    })
}

impl StoredRecord {
    pub(crate) fn decode(key: &ExperimentKey, stored: &[u8]) -> Result<Self> {
        serde_json::from_slice(stored).map_err(|error| corrupt(key, Sequence::ZERO, "a record", &error))
    }

    pub(crate) fn place(&self) -> Place {
        Place::new(self.sequence, self.ordinal)
    }

    pub(crate) fn kind(&self) -> RecordKind {
        self.record.kind()
    }

    pub(crate) fn into_record(self) -> Record {
        self.record
    }

    pub(crate) fn into_recorded(self, key: &ExperimentKey) -> Result<Recorded<Record>> {
        let recorded_at = instant(key, self.sequence, self.recorded_at)?;
        Ok(Recorded { place: self.place(), commit_id: self.commit_id, recorded_at, record: self.record })
    }
}

impl StoredEntry {
    pub(crate) fn decode(key: &ExperimentKey, at: Sequence, stored: &[u8]) -> Result<Self> {
        let entry: Self =
            serde_json::from_slice(stored).map_err(|error| corrupt(key, at, "an entry of the log", &error))?;
        if entry.sequence != at {
            return Err(Error::corrupt(key, at, format!("the entry of sequence {} stands there", entry.sequence)));
        }
        Ok(entry)
    }

    pub(crate) fn recorded_at(&self, key: &ExperimentKey) -> Result<Timestamp> {
        instant(key, self.sequence, self.recorded_at)
    }

    pub(crate) fn into_entry(self, key: &ExperimentKey, records: Vec<Record>) -> Result<LogEntry> {
        let recorded_at = self.recorded_at(key)?;
        let (place, commit) = ((key.clone(), self.sequence), (self.commit_id, self.fingerprint));
        Ok(LogEntry::from_parts(place, commit, recorded_at, self.state, records))
    }
}

/// Where an experiment stands, as the scripts tell it behind their answer's name.
pub(crate) fn head(key: &ExperimentKey, items: &[Reply]) -> Result<Head> {
    let mut head = Head::empty(key.clone());
    let text = |index: usize| items.get(index).and_then(Reply::text);
    if let Some(sequence) = text(0) {
        head.sequence = exact(key, Sequence::ZERO, "the sequence of the head", sequence)?;
    }
    let at = head.sequence;
    head.recorded_at = text(1)
        .map(|micros| exact_number(key, at, "recorded-at of the head", micros).and_then(|at_| instant(key, at, at_)))
        .transpose()?;
    head.latest_version = text(2).map(|number| exact(key, at, "the latest version", number)).transpose()?;
    if let Some(pruned) = text(4) {
        head.pruned_through = exact(key, at, "pruned-through", pruned)?;
    }
    if let Some(state) = items.get(10).and_then(Reply::bytes) {
        let state: ExperimentState =
            serde_json::from_slice(state).map_err(|error| corrupt(key, at, "the state", &error))?;
        if state.key != *key || text(5) != Some(state.etag.to_string().as_str()) {
            return Err(Error::corrupt(
                key,
                at,
                "the state is of another experiment, or its ETag not that of the head",
            ));
        }
        head.state = Some(Arc::new(state));
    } else if text(5).is_some() {
        return Err(Error::corrupt(key, at, "the head has an ETag, but there is no state"));
    }
    if head.sequence > Sequence::ZERO && head.recorded_at.is_none() {
        return Err(Error::corrupt(key, at, "the head has a sequence, but no instant"));
    }
    Ok(head)
}

/// A number out of a reply.
pub(crate) fn number(key: &ExperimentKey, what: &str, reply: Option<&Reply>) -> Result<u64> {
    let text = reply.and_then(Reply::text).unwrap_or("0");
    exact_number(key, Sequence::ZERO, what, text)
}

pub(crate) fn sequence(key: &ExperimentKey, reply: Option<&Reply>) -> Result<Sequence> {
    exact(key, Sequence::ZERO, "a sequence", reply.and_then(Reply::text).unwrap_or("0"))
}

pub(crate) fn version(key: &ExperimentKey, reply: Option<&Reply>) -> Result<Option<VersionNumber>> {
    let text = reply.and_then(Reply::text);
    text.map(|number| exact(key, Sequence::ZERO, "a version of the head", number)).transpose()
}

pub(crate) fn timestamp(key: &ExperimentKey, at: Sequence, reply: Option<&Reply>) -> Result<Timestamp> {
    let text = reply.and_then(Reply::text).unwrap_or_default();
    instant(key, at, exact_number(key, at, "an instant", text)?)
}

/// A number from the very text that it is stored as.
fn exact_number<T: FromStr + Display>(key: &ExperimentKey, at: Sequence, what: &str, text: &str) -> Result<T> {
    let number: Option<T> = text.parse().ok().filter(|number: &T| number.to_string() == text);
    number.ok_or_else(|| Error::corrupt(key, at, format!("{what} is {text:?}")))
}

fn exact<T: FromStr<Err = Error> + Display>(key: &ExperimentKey, at: Sequence, what: &str, text: &str) -> Result<T> {
    exact_number(key, at, what, text)
}

fn instant(key: &ExperimentKey, at: Sequence, micros: i64) -> Result<Timestamp> {
    Timestamp::from_unix_micros(micros).map_err(|error| Error::corrupt(key, at, error.to_string()))
}

pub(crate) fn corrupt(key: &ExperimentKey, at: Sequence, what: &str, error: &dyn Display) -> Error {
    Error::corrupt(key, at, format!("{what} does not decode: {error}"))
}
