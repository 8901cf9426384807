//! What a commit says, apart from what it expects: the content that is fingerprinted.

use crate::error::Faults;
use crate::limits::{MAX_COMMIT_BYTES, MAX_RECORDS};
use crate::{CommitId, ConfigurationVersion, Error, ExperimentKey, Fingerprint, Record, Result, StateChange};
use serde::Serialize;
use std::collections::HashSet;

/// More than most commits have, so that the buffer seldom grows.
const ROOM: usize = 2_048;

/// The content of a commit, in the order of the JSON names: what serde_json writes of it is
/// canonical, because each part of it is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Content<'a> {
    pub(crate) commit_id: CommitId,
    pub(crate) key: &'a ExperimentKey,
    pub(crate) records: &'a [Record],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<&'a StateChange>,
}

impl Content<'_> {
    /// SHA-256 over the canonical JSON.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of_canonical(&self.canonical())
    }

    fn canonical(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(ROOM);
        // Nothing in it can fail to serialize: no map with other keys than text, no failing impl.
        let _ = serde_json::to_writer(&mut text, self);
        text
    }

    /// All that is wrong with it.
    pub(crate) fn check(&self) -> Result<()> {
        let mut faults = Faults::default();
        if self.state.is_none() && self.records.is_empty() {
            faults.add("commit", "is empty", "a state, a record, or both");
        }
        if let Some(state) = self.state {
            faults.within(|| "state".to_owned(), |faults| state.check(faults));
        }
        if self.records.len() > MAX_RECORDS {
            let expected = format!("at most {MAX_RECORDS}");
            faults.add("records", format!("are {}", self.records.len()), expected);
        }
        for (index, record) in self.records.iter().enumerate() {
            let field = || format!("records[{index}].{}", record.kind());
            faults.within(field, |faults| record.check(faults));
        }
        self.check_ids(&mut faults);
        self.check_numbers(&mut faults);
        self.check_size(&mut faults);
        faults.into_result().map_err(Error::from)
    }

    fn check_ids(&self, faults: &mut Faults) {
        if self.records.len() < 2 {
            return;
        }
        let mut seen = HashSet::with_capacity(self.records.len());
        for (index, record) in self.records.iter().enumerate() {
            if !seen.insert(record.id()) {
                let field = format!("records[{index}].{}.id", record.kind());
                faults.add(field, format!("{} stands twice", record.id()), "each id once in a commit");
            }
        }
    }

    fn check_numbers(&self, faults: &mut Faults) {
        let mut previous: Option<&ConfigurationVersion> = None;
        for (index, record) in self.records.iter().enumerate() {
            let Record::Version(version) = record else {
                continue;
            };
            if let Some(previous) = previous
                && previous.number.next() != Some(version.number)
            {
                let field = format!("records[{index}].version.number");
                let expected = format!("{}, after {}", previous.number.get() + 1, previous.number);
                faults.add(field, format!("is {}", version.number), expected);
            }
            previous = Some(version);
        }
    }

    fn check_size(&self, faults: &mut Faults) {
        if self.size_bound() <= MAX_COMMIT_BYTES {
            return;
        }
        let size = self.canonical().len();
        if size > MAX_COMMIT_BYTES {
            let expected = format!("at most {MAX_COMMIT_BYTES} bytes of canonical JSON");
            faults.add("commit", format!("has {size} bytes"), expected);
        }
    }

    /// An upper bound of the canonical size that costs nothing to compute: escaped text is at
    /// most six times as long, and what is fixed in a record stays below a kilobyte.
    fn size_bound(&self) -> usize {
        const FIXED: usize = 1_024;
        let optional = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let state =
            self.state.map_or(0, |state| 6 * optional(&state.last_modified_by) + state.metadata.as_str().len() + FIXED);
        let records = self.records.iter().map(|record| {
            let (text, json) = match record {
                Record::Transition(r) => (r.actor.len() + optional(&r.reason), r.metadata.as_str().len()),
                Record::Approval(r) => {
                    let names = optional(&r.approver) + optional(&r.requested_by) + optional(&r.gate);
                    (names + optional(&r.reason), r.metadata.as_str().len())
                }
                Record::Version(r) => {
                    let json = r.metadata.as_str().len() + r.configuration.as_str().len();
                    (r.created_by.len() + optional(&r.change_description), json)
                }
                Record::Definition(r) => {
                    let json = r.metadata.as_str().len() + r.parameters.as_str().len();
                    (r.actor.len() + r.kind.len() + r.name.len(), json)
                }
                Record::Evaluation(r) => (r.policy.len() + optional(&r.reason), r.metadata.as_str().len()),
            };
            6 * text + json + FIXED
        });
        let key = 6 * (self.key.name().len() + self.key.tenant().map_or(0, str::len))
            + 6 * self.key.environment().map_or(0, str::len);
        FIXED + key + state + records.sum::<usize>()
    }
}
