//! Entries of the log, put together from the log and the records.

use super::counts::Counts;
use crate::codec::{StoredEntry, StoredRecord};
use crate::keys::{List, series};
use crate::link::Command;
use crate::store::Store;
use bytes::Bytes;
use governance_persistence::{
    CommitId, Error, ExperimentKey, LogEntry, PageSize, Record, RecordKind, Result, Sequence,
};
use std::collections::BTreeMap;

impl Store {
    pub(crate) async fn entry(&self, key: &ExperimentKey, id: CommitId) -> Result<Option<LogEntry>> {
        let ids = Bytes::from(self.layout.of(key).commit_ids());
        let command = Command::on("HGET", [ids, Bytes::copy_from_slice(id.as_uuid().as_bytes())]);
        let found = self.read(key, "looking up a commit", command).await?;
        let Some(known) = found.bytes() else { return Ok(None) };
        // The fingerprint, then sequence|recorded-at.
        let place =
            known.get(32..).and_then(|text| std::str::from_utf8(text).ok()).and_then(|text| text.split_once('|'));
        let sequence = place.and_then(|(sequence, _)| sequence.parse::<Sequence>().ok());
        let sequence = sequence
            .ok_or_else(|| Error::corrupt(key, Sequence::ZERO, format!("the place of commit {id} does not decode")))?;
        let entry = self.entry_at(key, sequence).await?;
        if entry.commit_id != id {
            return Err(Error::corrupt(key, sequence, format!("commit {id} is not at the place where it should be")));
        }
        Ok(self.assemble(key, vec![entry]).await?.pop())
    }

    pub(crate) async fn log(&self, key: &ExperimentKey, after: Sequence, limit: PageSize) -> Result<Vec<LogEntry>> {
        let first = after.get();
        let texts = self.entries(key, List::Commits, first..first + limit.get() as u64).await?;
        let entries = (first + 1..).zip(&texts);
        let entries = entries.map(|(number, text)| StoredEntry::decode(key, Sequence::new(number)?, text));
        self.assemble(key, entries.collect::<Result<_>>()?).await
    }

    /// Fetches the records of these entries, which follow each other.
    async fn assemble(&self, key: &ExperimentKey, entries: Vec<StoredEntry>) -> Result<Vec<LogEntry>> {
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(Vec::new()) };
        let mut records: BTreeMap<Sequence, Vec<StoredRecord>> = BTreeMap::new();
        for kind in RecordKind::ALL {
            let index = series(kind);
            let range = first.before[index]..last.before[index] + last.counts[index];
            if range.is_empty() {
                continue;
            }
            let first_version = match kind {
                RecordKind::Version => self.first_version(key).await?,
                _ => None,
            };
            for record in self.records(key, kind, range, first_version).await? {
                records.entry(record.place().sequence).or_default().push(record);
            }
        }
        let whole = entries.into_iter().map(|entry| {
            let own = records.remove(&entry.sequence).unwrap_or_default();
            in_order(key, &entry, own).and_then(|own| entry.into_entry(key, own))
        });
        whole.collect()
    }

    async fn first_version(&self, key: &ExperimentKey) -> Result<Option<governance_persistence::VersionNumber>> {
        let Counts { first_version, .. } = self.counts(key).await?;
        Ok(first_version)
    }
}

/// The records of a commit by their ordinals, which must be 0, 1, 2 …
fn in_order(key: &ExperimentKey, entry: &StoredEntry, mut own: Vec<StoredRecord>) -> Result<Vec<Record>> {
    own.sort_by_key(StoredRecord::place);
    let expected = entry.counts.iter().sum::<u64>();
    let whole =
        own.len() as u64 == expected && (0..).zip(&own).all(|(ordinal, record)| record.place().ordinal == ordinal);
    if !whole {
        let problem = format!("of {expected} records {} are there, or their ordinals are wrong", own.len());
        return Err(Error::corrupt(key, entry.sequence, problem));
    }
    Ok(own.into_iter().map(StoredRecord::into_record).collect())
}
