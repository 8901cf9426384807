//! Asking for an experiment's records of one kind.

use super::page::{Cursor, PageSize, describe};
use crate::{Error, ExperimentKey, Place, RecordKind, Result, Sequence, Timestamp};
use std::ops::{Bound, RangeBounds};
use std::time::Duration;

/// Oldest or newest first, by place in history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Oldest first.
    #[default]
    Ascending,
    /// Newest first.
    Descending,
}

/// A question for records of one kind: oldest first, a hundred a page, unless said otherwise.
///
/// ```
/// use governance_persistence::{HistoryQuery, RecordKind};
///
/// let newest = HistoryQuery::new(RecordKind::Approval).newest_first().page_size(20)?;
/// # Ok::<(), governance_persistence::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryQuery {
    kind: RecordKind,
    direction: Direction,
    from: Timestamp,
    until: Timestamp,
    size: PageSize,
    cursor: Option<Cursor>,
}

impl HistoryQuery {
    /// All records of this kind.
    pub fn new(kind: RecordKind) -> Self {
        Self {
            kind,
            direction: Direction::Ascending,
            from: Timestamp::MIN,
            until: Timestamp::MAX,
            size: PageSize::default(),
            cursor: None,
        }
    }

    /// The newest first.
    #[must_use]
    pub fn newest_first(mut self) -> Self {
        self.direction = Direction::Descending;
        self
    }

    /// Only what the backplane recorded at these times.
    #[must_use]
    pub fn recorded(mut self, range: impl RangeBounds<Timestamp>) -> Self {
        const TICK: Duration = Duration::from_micros(1);
        // What ends before the beginning of time or begins after its end is empty.
        let empty = matches!(range.start_bound(), Bound::Excluded(&Timestamp::MAX))
            || matches!(range.end_bound(), Bound::Excluded(&Timestamp::MIN));
        self.from = match range.start_bound() {
            _ if empty => Timestamp::MAX,
            Bound::Included(at) => *at,
            Bound::Excluded(at) => at.saturating_add(TICK),
            Bound::Unbounded => Timestamp::MIN,
        };
        self.until = match range.end_bound() {
            _ if empty => Timestamp::MIN,
            Bound::Included(at) => *at,
            Bound::Excluded(at) => at.saturating_sub(TICK),
            Bound::Unbounded => Timestamp::MAX,
        };
        self
    }

    /// At most this many on a page.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] outside 1 to 1,000.
    pub fn page_size(mut self, items: usize) -> Result<Self> {
        self.size = PageSize::new(items)?;
        Ok(self)
    }

    /// The page that begins at this cursor, the `next` of the page before. The rest of the query,
    /// its range of times included, must be the same as then; only the page size may change.
    #[must_use]
    pub fn starting_at(mut self, cursor: Cursor) -> Self {
        self.cursor = Some(cursor);
        self
    }

    /// The kind of record.
    pub fn kind(&self) -> RecordKind {
        self.kind
    }

    /// The order.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// The earliest and the latest recorded-at, both included.
    pub fn recorded_range(&self) -> (Timestamp, Timestamp) {
        (self.from, self.until)
    }

    /// The size of a page.
    pub fn size(&self) -> PageSize {
        self.size
    }

    /// For backplanes: the place behind which the page begins, in the query's direction.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when the cursor came from another query or another experiment.
    pub fn after(&self, key: &ExperimentKey) -> Result<Option<Place>> {
        let Some(cursor) = &self.cursor else {
            return Ok(None);
        };
        let place = |position: &[u8]| {
            let (sequence, ordinal) = position.split_first_chunk()?;
            let sequence = Sequence::new(u64::from_be_bytes(*sequence)).ok()?;
            Some(Place::new(sequence, u32::from_be_bytes(ordinal.try_into().ok()?)))
        };
        let position = cursor.position(&self.describe(key))?;
        place(position).map(Some).ok_or_else(|| -> Error { cursor.wrong("holds no place") })
    }

    /// For backplanes: the cursor behind a place.
    pub fn cursor(&self, key: &ExperimentKey, place: Place) -> Cursor {
        let mut position = place.sequence.get().to_be_bytes().to_vec();
        position.extend(place.ordinal.to_be_bytes());
        Cursor::new(position, &self.describe(key))
    }

    fn describe(&self, key: &ExperimentKey) -> String {
        let Self { kind, direction, from, until, .. } = self;
        let direction = match direction {
            Direction::Ascending => "ascending",
            Direction::Descending => "descending",
        };
        describe(&("history", key, kind, direction, from, until))
    }
}
