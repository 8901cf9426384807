//! Entries of lists and records of a kind, by their positions.

use super::counts::Counts;
use crate::codec::{StoredEntry, StoredRecord};
use crate::keys::{CHUNK, List, series};
use crate::link::{Command, Reply};
use crate::store::Store;
use bytes::Bytes;
use governance_persistence::{Error, ExperimentKey, RecordKind, Result, Sequence, VersionNumber};
use std::ops::Range;

impl Store {
    /// The entries of a list at these positions, as far as there are any.
    ///
    /// Of several chunks the last one is read first: when it has an entry, those before it are full.
    pub(super) async fn entries(&self, key: &ExperimentKey, list: List, range: Range<u64>) -> Result<Vec<Bytes>> {
        if range.is_empty() {
            return Ok(Vec::new());
        }
        let keys = self.layout.of(key);
        let (first, last) = (range.start / CHUNK, (range.end - 1) / CHUNK);
        let mut parts = Vec::new();
        for chunk in (first..=last).rev() {
            let begin = if chunk == first { range.start % CHUNK } else { 0 };
            let end = if chunk == last { (range.end - 1) % CHUNK } else { CHUNK - 1 };
            let command = Command::on("LRANGE", [keys.chunk(list, chunk), begin.to_string(), end.to_string()]);
            parts.push(self.read(key, "reading a list", command).await?.into_list());
        }
        let entries = parts.into_iter().rev().flatten();
        Ok(entries.filter_map(|entry| entry.bytes().cloned()).collect())
    }

    /// The entry of the log at this sequence.
    pub(super) async fn entry_at(&self, key: &ExperimentKey, at: Sequence) -> Result<StoredEntry> {
        let position = at.previous().get();
        let found = self.entries(key, List::Commits, position..position + 1).await?;
        let entry = found.first().ok_or_else(|| Error::corrupt(key, at, "its entry in the log is missing"))?;
        StoredEntry::decode(key, at, entry)
    }

    /// The records of a kind at these positions, all of which must be there.
    pub(super) async fn records(
        &self,
        key: &ExperimentKey,
        kind: RecordKind,
        range: Range<u64>,
        first_version: Option<VersionNumber>,
    ) -> Result<Vec<StoredRecord>> {
        let wanted = range.end.saturating_sub(range.start);
        let found = match List::OF_RECORDS.get(series(kind)) {
            Some(list) => self.entries(key, *list, range).await?,
            None => self.versions(key, range, first_version).await?,
        };
        let records: Vec<_> = found.iter().map(|text| StoredRecord::decode(key, text)).collect::<Result<_>>()?;
        if records.len() as u64 != wanted || records.iter().any(|record| record.kind() != kind) {
            let problem = format!("of {wanted} records of the kind {kind}, {} are there", records.len());
            return Err(Error::corrupt(key, Sequence::ZERO, problem));
        }
        if !records.is_sorted_by(|one, next| one.place() < next.place()) {
            return Err(Error::corrupt(
                key,
                Sequence::ZERO,
                format!("the records of the kind {kind} are out of order"),
            ));
        }
        Ok(records)
    }

    /// Versions are numbered without a gap.
    async fn versions(
        &self,
        key: &ExperimentKey,
        range: Range<u64>,
        first: Option<VersionNumber>,
    ) -> Result<Vec<Bytes>> {
        let Some(first) = first.filter(|_| !range.is_empty()) else { return Ok(Vec::new()) };
        let numbers = range.map(|position| (first.get() + position).to_string());
        let command = [self.layout.of(key).versions()].into_iter().chain(numbers);
        let found = self.read(key, "reading versions", Command::on("HMGET", command)).await?;
        Ok(found.into_list().iter().filter_map(Reply::bytes).cloned().collect())
    }

    /// How many commits come before the first one that `is_behind`, of which each that follows one is one.
    pub(super) async fn commits_before(
        &self,
        key: &ExperimentKey,
        counts: &Counts,
        is_behind: impl Fn(&StoredEntry) -> Result<bool>,
    ) -> Result<u64> {
        let (mut low, mut high) = (0, counts.commits);
        while low < high {
            let middle = low + (high - low) / 2;
            let entry = self.entry_at(key, Sequence::new(middle + 1)?).await?;
            if is_behind(&entry)? { high = middle } else { low = middle + 1 }
        }
        Ok(low)
    }
}
