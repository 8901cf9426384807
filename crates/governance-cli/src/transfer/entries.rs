//! An experiment's log, none of its entries missing.

use futures_util::{StreamExt, stream::BoxStream};
use governance_persistence::{
    Backplane, BackplaneExt, Consistency, Error, ExperimentKey, Head, LogEntry, PageSize, Result, Sequence,
};

/// The log entries of one experiment up to a head; what is committed meanwhile is left for the
/// next time. Holds one page.
pub(crate) struct Entries<'a> {
    key: ExperimentKey,
    log: BoxStream<'a, Result<LogEntry>>,
    after: Sequence,
    last: Sequence,
}

impl<'a> Entries<'a> {
    /// The entries behind the sequence `after`.
    pub(crate) fn of(source: &'a dyn Backplane, head: &Head, after: Sequence) -> Self {
        let Head { key, sequence: last, .. } = head;
        let left = usize::try_from(last.get().saturating_sub(after.get())).unwrap_or(usize::MAX);
        let page = PageSize::new(left).unwrap_or_default().min(PageSize::default());
        Self { key: key.clone(), log: source.log_stream(key, after, page, Consistency::Strong), after, last: *last }
    }

    /// The next entry.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] when it is not there, though the head says that the log goes on.
    pub(crate) async fn next(&mut self) -> Result<Option<LogEntry>> {
        if self.after >= self.last {
            return Ok(None);
        }
        let expected = self.after.next();
        match self.log.next().await.transpose()? {
            Some(entry) if entry.sequence == expected => {
                self.after = expected;
                Ok(Some(entry))
            }
            _ => {
                let problem = format!("the log has no entry here, but the head ends at {}", self.last);
                Err(Error::corrupt(&self.key, expected, problem))
            }
        }
    }
}
