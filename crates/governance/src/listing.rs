//! Asking a manager for a page of history.

use crate::Result;
use governance_persistence::{Cursor, HistoryQuery, PageSize, RecordKind, Timestamp};

/// Which page of a history: oldest first, a hundred records, from the beginning, unless said
/// otherwise. Managers read pages as they are now, linearizable with every commit.
///
/// ```
/// use governance::Listing;
///
/// let newest = Listing::new().newest_first().page_size(20)?;
/// # Ok::<(), governance::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    newest_first: bool,
    recorded: Option<(Timestamp, Timestamp)>,
    size: PageSize,
    cursor: Option<Cursor>,
}

impl Listing {
    /// The first page.
    pub fn new() -> Self {
        Self::default()
    }

    /// The newest first.
    #[must_use]
    pub fn newest_first(mut self) -> Self {
        self.newest_first = true;
        self
    }

    /// Only what the backplane recorded at these times, both included.
    #[must_use]
    pub fn recorded(mut self, from: Timestamp, until: Timestamp) -> Self {
        self.recorded = Some((from, until));
        self
    }

    /// At most this many on a page.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) outside 1 to 1,000.
    pub fn page_size(mut self, items: usize) -> Result<Self> {
        self.size = PageSize::new(items)?;
        Ok(self)
    }

    /// The page that begins at this cursor, the `next` of the page before. All else must be the
    /// same as then; only the page size may change.
    #[must_use]
    pub fn starting_at(mut self, cursor: Cursor) -> Self {
        self.cursor = Some(cursor);
        self
    }

    /// The query for records of this kind.
    pub(crate) fn query(&self, kind: RecordKind) -> Result<HistoryQuery> {
        let mut query = HistoryQuery::new(kind).page_size(self.size.get())?;
        if self.newest_first {
            query = query.newest_first();
        }
        if let Some((from, until)) = self.recorded {
            query = query.recorded(from..=until);
        }
        Ok(match &self.cursor {
            Some(cursor) => query.starting_at(cursor.clone()),
            None => query,
        })
    }
}
