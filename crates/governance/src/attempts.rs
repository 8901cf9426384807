//! How often something is judged and tried, until its deadline.

use crate::{Error, Operation, Result, metric};
use governance_persistence::{Error as BackplaneError, Expected, Head, Sequence};
use std::time::{Duration, Instant};

/// Counts the attempts of one request. An attempt judges by what it read, and commits under
/// [`At`](governance_persistence::Expected::At) that.
#[derive(Debug)]
pub(crate) struct Attempts {
    operation: Operation,
    begun: Instant,
    /// `None`: beyond the clock.
    deadline: Option<Instant>,
    made: u32,
    /// What the first attempt found: how far the experiment was, and its state.
    first: Option<(Sequence, Expected)>,
}

impl Attempts {
    pub(crate) fn new(operation: Operation, deadline: Duration) -> Self {
        let begun = Instant::now();
        Self { operation, begun, deadline: begun.checked_add(deadline), made: 1, first: None }
    }

    /// How far the experiment was when the first attempt read it. The request is about the state of then:
    /// if `read`, for this attempt, has another one, somebody changed it since.
    pub(crate) fn begun_at(&mut self, read: &Head) -> Result<Sequence> {
        let (sequence, state) = *self.first.get_or_insert_with(|| (read.sequence, read.same_state()));
        if state.is_met_by(read) {
            return Ok(sequence);
        }
        metric::conflict(self.operation);
        Err(Error::state_changed(state, read.clone()))
    }

    /// The same answer to a commit; an acknowledged one settles the request.
    pub(crate) fn settled_by<T>(&self, answer: Result<T>) -> Result<T> {
        if answer.is_ok() {
            metric::settled(self.operation, self.begun.elapsed());
        }
        answer
    }

    /// What follows from an attempt that failed, judged by `read`: another one if only records were
    /// added meanwhile, or if an earlier attempt of the same request turns out to be there.
    pub(crate) fn after(&mut self, error: Error, read: &Head) -> Result<()> {
        match error {
            Error::Conflict(conflict) if conflict.head.etag() != read.etag() => {
                metric::conflict(self.operation);
                Err(Error::state_changed(read.same_state(), conflict.head))
            }
            error => self.after_anything(error, read),
        }
    }

    /// The same for what does not depend on the state: another attempt whatever came in between.
    pub(crate) fn after_anything(&mut self, error: Error, read: &Head) -> Result<()> {
        match error {
            Error::Conflict(_) => metric::conflict(self.operation),
            Error::Backplane { source: BackplaneError::CommitIdReused { .. }, .. } => {}
            error => return Err(error),
        }
        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(Error::Contended { key: read.key.clone(), attempts: self.made });
        }
        metric::retry(self.operation);
        self.made += 1;
        Ok(())
    }
}
