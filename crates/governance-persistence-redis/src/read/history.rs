//! Pages of records of one kind, by their positions.

use super::counts::Counts;
use crate::codec::StoredEntry;
use crate::keys::series;
use crate::store::Store;
use governance_persistence::{
    Direction, ExperimentKey, HistoryQuery, Page, Place, Record, RecordKind, Recorded, Result, Sequence, Timestamp,
};
use std::ops::Range;

impl Store {
    pub(crate) async fn history(&self, key: &ExperimentKey, query: &HistoryQuery) -> Result<Page<Recorded<Record>>> {
        let after = query.after(key)?;
        let counts = self.counts(key).await?;
        let mut range = self.within(key, query, &counts).await?;
        match (query.direction(), after) {
            (_, None) => {}
            (Direction::Ascending, Some(after)) => {
                let behind = self.position(key, query.kind(), &counts, after, |place| place <= after).await?;
                range.start = range.start.max(behind);
            }
            (Direction::Descending, Some(after)) => {
                let before = self.position(key, query.kind(), &counts, after, |place| place < after).await?;
                range.end = range.end.min(before);
            }
        }
        // One more than fits says that there is another page.
        let wanted = query.size().get() as u64 + 1;
        let range = match query.direction() {
            Direction::Ascending => range.start..range.end.min(range.start.saturating_add(wanted)),
            Direction::Descending => range.start.max(range.end.saturating_sub(wanted))..range.end,
        };
        let range = range.start..range.end.max(range.start);
        let found = self.records(key, query.kind(), range, counts.first_version).await?;
        let mut records: Vec<_> = found.into_iter().map(|record| record.into_recorded(key)).collect::<Result<_>>()?;
        if query.direction() == Direction::Descending {
            records.reverse();
        }
        Ok(Page::cut(records, query.size(), |last: &Recorded<Record>| query.cursor(key, last.place)))
    }

    /// The positions of what was recorded in the time that the query asks for. Instants grow along the log.
    async fn within(&self, key: &ExperimentKey, query: &HistoryQuery, counts: &Counts) -> Result<Range<u64>> {
        let (from, until) = query.recorded_range();
        let kind = query.kind();
        let all = counts.records[series(kind)];
        let start = if from == Timestamp::MIN {
            0
        } else {
            let first = self.commits_before(key, counts, |entry| Ok(entry.recorded_at(key)? >= from)).await?;
            self.before(key, kind, counts, first).await?
        };
        let end = if until == Timestamp::MAX {
            all
        } else {
            let beyond = self.commits_before(key, counts, |entry| Ok(entry.recorded_at(key)? > until)).await?;
            self.before(key, kind, counts, beyond).await?
        };
        Ok(start..end)
    }

    /// How many records of a kind the first `commits` commits have.
    async fn before(&self, key: &ExperimentKey, kind: RecordKind, counts: &Counts, commits: u64) -> Result<u64> {
        if commits >= counts.commits {
            return Ok(counts.records[series(kind)]);
        }
        let next = self.entry_at(key, Sequence::new(commits + 1)?).await?;
        Ok(next.before[series(kind)])
    }

    /// How many records of a kind stand at places that `is_before`, which ends within the commit of `place`.
    async fn position(
        &self,
        key: &ExperimentKey,
        kind: RecordKind,
        counts: &Counts,
        place: Place,
        is_before: impl Fn(Place) -> bool,
    ) -> Result<u64> {
        if place.sequence == Sequence::ZERO {
            return Ok(0);
        }
        if place.sequence.get() > counts.commits {
            return Ok(counts.records[series(kind)]);
        }
        let StoredEntry { before, counts: added, .. } = self.entry_at(key, place.sequence).await?;
        let (first, added) = (before[series(kind)], added[series(kind)]);
        let own = self.records(key, kind, first..first + added, counts.first_version).await?;
        Ok(first + own.iter().filter(|record| is_before(record.place())).count() as u64)
    }
}
