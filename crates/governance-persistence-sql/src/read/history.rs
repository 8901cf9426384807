//! Pages of records.

use super::kind::{History, for_kind};
use super::record::{by_place, decode, recorded};
use super::{Reader, page};
use crate::codec;
use crate::entity::governance_commit as commit;
use crate::error::of_sea_orm;
use governance_persistence::{
    Direction, ExperimentKey, HistoryQuery, Page, Place, Record, RecordKind, Recorded, Result, Timestamp,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, Select};

impl Reader {
    pub(crate) async fn history(&self, key: &ExperimentKey, query: &HistoryQuery) -> Result<Page<Recorded<Record>>> {
        let after = query.after(key)?;
        let limit = query.size().get() as u64 + 1;
        let Some((first, last)) = self.sequences(key, query.recorded_range()).await? else {
            return Ok(Page { items: Vec::new(), next: None });
        };
        for_kind!(query.kind(), Kind => {
            let rows = self.rows(page_of::<Kind>(key, (first, last), after, query.direction(), limit)).await?;
            let cursor = |last: &Recorded<Record>| query.cursor(key, last.place);
            page(rows, query.size(), |row| decode::<Kind>(key, row), cursor)
        })
    }

    /// The first and the last sequence recorded in this range of times, if the range is not
    /// simply all there is. Times grow with sequences, so each end is found by bisection, and
    /// commits need no index by time.
    async fn sequences(&self, key: &ExperimentKey, range: (Timestamp, Timestamp)) -> Result<Option<(i64, i64)>> {
        let (from, until) = range;
        if (from, until) == (Timestamp::MIN, Timestamp::MAX) {
            return Ok(Some((1, i64::MAX)));
        }
        let Some(head) = self.head_row(key).await? else {
            return Ok(None);
        };
        let first = self.bisect(head.id, head.sequence, |at| at < from.unix_micros()).await?;
        let end = self.bisect(head.id, head.sequence, |at| at <= until.unix_micros()).await?;
        Ok((first < end).then_some((first, end - 1)))
    }

    /// The first sequence, of 1 to `last`, whose recorded-at is not `before`; else `last` + 1.
    async fn bisect(&self, experiment_id: i64, last: i64, before: impl Fn(i64) -> bool) -> Result<i64> {
        let (mut low, mut high) = (1, last + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            let row = commit::Entity::find_by_id((experiment_id, middle)).select_only();
            let at = row.column(commit::Column::RecordedAt).into_tuple().one(self.db()?).await;
            let at: Option<i64> = at.map_err(|error| of_sea_orm("finding a time in the log", error))?;
            if at.is_none_or(&before) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }
}

/// The records of one kind in a range of sequences, behind a place.
pub(super) fn page_of<E: History>(
    key: &ExperimentKey,
    (first, last): (i64, i64),
    after: Option<Place>,
    direction: Direction,
    limit: u64,
) -> Select<E> {
    let select = recorded::<E>(key).filter(within::<E>(first, last)).filter(behind::<E>(after, direction));
    by_place(select, direction).limit(limit)
}

fn within<E: History>(first: i64, last: i64) -> Condition {
    Condition::all()
        .add_option((first > 1).then(|| E::SEQUENCE.gte(first)))
        .add_option((last < i64::MAX).then(|| E::SEQUENCE.lte(last)))
}

/// Behind a place, in the query's direction. Spelled out, because not every engine finds the
/// index range of a comparison of tuples.
fn behind<E: History>(place: Option<Place>, direction: Direction) -> Condition {
    let Some(place) = place else {
        return Condition::all();
    };
    let (sequence, ordinal) = (codec::count(place.sequence), i64::from(place.ordinal));
    let (range, beyond, rest) = match direction {
        Direction::Ascending => (E::SEQUENCE.gte(sequence), E::SEQUENCE.gt(sequence), E::ORDINAL.gt(ordinal)),
        Direction::Descending => (E::SEQUENCE.lte(sequence), E::SEQUENCE.lt(sequence), E::ORDINAL.lt(ordinal)),
    };
    Condition::all().add(range).add(Condition::any().add(beyond).add(rest))
}
