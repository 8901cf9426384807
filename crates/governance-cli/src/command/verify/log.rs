//! Reads an experiment's log, past entries that do not decode.

use super::report::Report;
use crate::failure::Failure;
use governance_persistence::{Backplane, Consistency, Error, ExperimentKey, LogEntry, PageSize, Sequence};
use std::vec::IntoIter;

/// The entries of one experiment up to a sequence. Holds one page.
pub(super) struct Log<'a> {
    backplane: &'a dyn Backplane,
    key: &'a ExperimentKey,
    until: Sequence,
    after: Sequence,
    size: PageSize,
    page: IntoIter<LogEntry>,
    skipped: bool,
}

impl<'a> Log<'a> {
    pub(super) fn new(backplane: &'a dyn Backplane, key: &'a ExperimentKey, until: Sequence) -> Self {
        let page = Vec::new().into_iter();
        Self { backplane, key, until, after: Sequence::ZERO, size: PageSize::default(), page, skipped: false }
    }

    /// The next entry that decodes; what is wrong with those before it goes into the report.
    pub(super) async fn next(&mut self, report: &mut Report<'_>) -> Result<Option<LogEntry>, Failure> {
        loop {
            if let Some(entry) = self.page.next() {
                self.after = entry.sequence;
                return Ok(Some(entry).filter(|entry| entry.sequence <= self.until));
            }
            match self.backplane.log(self.key, self.after, self.size, Consistency::Strong).await {
                Ok(page) if page.is_empty() => return Ok(None),
                Ok(page) => self.page = page.into_iter(),
                // One at a time, so that the entries before the faulty one are not lost with it.
                Err(Error::Corrupt { .. }) if self.size > PageSize::new(1)? => self.size = PageSize::new(1)?,
                Err(Error::Corrupt { sequence, problem, .. }) => {
                    report.problem(self.key, sequence, &problem)?;
                    self.skipped = true;
                    if sequence <= self.after {
                        return Ok(None); // it would come again for ever
                    }
                    self.after = sequence;
                    self.size = PageSize::default();
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Was there an entry that does not decode?
    pub(super) fn has_skipped(&self) -> bool {
        self.skipped
    }
}
