//! How often something is judged and tried, until its deadline.

use crate::{Error, Result};
use governance_persistence::{Error as BackplaneError, Head};
use std::time::{Duration, Instant};

/// Counts the attempts of one request. An attempt judges by what it read, and commits under
/// [`At`](governance_persistence::Expected::At) that.
#[derive(Debug)]
pub(crate) struct Attempts {
    operation: &'static str,
    /// `None`: beyond the clock.
    deadline: Option<Instant>,
    made: u32,
}

impl Attempts {
    pub(crate) fn new(operation: &'static str, deadline: Duration) -> Self {
        Self { operation, deadline: Instant::now().checked_add(deadline), made: 1 }
    }

    /// What follows from an attempt that failed, judged by `read`: another one if only records were
    /// added meanwhile, or if an earlier attempt of the same request turns out to be there.
    pub(crate) fn after(&mut self, error: Error, read: &Head) -> Result<()> {
        match error {
            Error::Conflict(conflict) if conflict.head.etag() != read.etag() => {
                self.count_conflict();
                Err(Error::state_changed(read, conflict.head))
            }
            error => self.after_anything(error, read),
        }
    }

    /// The same for what does not depend on the state: another attempt whatever came in between.
    pub(crate) fn after_anything(&mut self, error: Error, read: &Head) -> Result<()> {
        match error {
            Error::Conflict(_) => self.count_conflict(),
            Error::Backplane { source: BackplaneError::CommitIdReused { .. }, .. } => {}
            error => return Err(error),
        }
        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(Error::Contended { key: read.key.clone(), attempts: self.made });
        }
        metrics::counter!("governance_retries_total", "operation" => self.operation).increment(1);
        self.made += 1;
        Ok(())
    }

    fn count_conflict(&self) {
        metrics::counter!("governance_conflicts_total", "operation" => self.operation).increment(1);
    }
}
