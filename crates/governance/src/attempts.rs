//! How often something is judged and tried, until its deadline.

use crate::{Error, Operation, Result, metric};
use governance_persistence::{CommitId, Error as BackplaneError, Expected, Head, Sequence};
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
    /// Did the caller choose the id, so that the same request may have come before?
    is_named: bool,
    /// What is to be answered unless a last look finds that the same request was carried out.
    given_up: Option<Error>,
    /// Has the id been found to be taken?
    is_taken: bool,
    /// Is this attempt judged by what was left, and not read? What is in its way is nobody's loss yet.
    is_unread: bool,
    /// How far the experiment was when such an attempt was made before.
    unread_at: Option<Sequence>,
}

impl Attempts {
    pub(crate) fn new(operation: Operation, deadline: Duration) -> Self {
        let begun = Instant::now();
        Self {
            operation,
            begun,
            deadline: begun.checked_add(deadline),
            made: 1,
            first: None,
            is_named: false,
            given_up: None,
            is_taken: false,
            is_unread: false,
            unread_at: None,
        }
    }

    /// The same for a request under this id, if the caller chose one. Each attempt has to look first whether
    /// the request was carried out already, and to ask then whether it [goes on](Self::go_on).
    pub(crate) fn under(mut self, id: Option<CommitId>) -> Self {
        self.is_named = id.is_some();
        self
    }

    /// The attempt that is made now goes by what this process left at this sequence.
    pub(crate) fn tries_unread(&mut self, sequence: Sequence) {
        (self.is_unread, self.unread_at) = (true, Some(sequence));
    }

    /// It came to nothing: from now on it is read what the request is about. What others recorded since the sequence
    /// that was left may have come after the request did.
    pub(crate) fn reads_now(&mut self) {
        metric::retry(self.operation);
        self.made += 1;
        self.is_unread = false;
        (self.first, self.given_up, self.is_taken) = (None, None, false);
    }

    /// Goes on, unless the last attempt was the last one.
    pub(crate) fn go_on(&mut self) -> Result<()> {
        self.given_up.take().map_or(Ok(()), Err)
    }

    /// How far the experiment was when the first attempt read it. The request is about the state of then:
    /// if `read`, for this attempt, has another one, somebody changed it since.
    pub(crate) fn begun_at(&mut self, read: &Head) -> Result<Sequence> {
        self.go_on()?;
        let begin = || (self.unread_at.unwrap_or(read.sequence), read.same_state());
        let (sequence, state) = *self.first.get_or_insert_with(begin);
        if state.is_met_by(read) {
            return Ok(sequence);
        }
        self.conflicted();
        Err(Error::state_changed(state, read.clone()))
    }

    fn conflicted(&self) {
        if !self.is_unread {
            metric::conflict(self.operation);
        }
    }

    /// The same answer to what a look found; a state or a version that is not the one the request names is
    /// a conflict like that of a commit.
    pub(crate) fn looked<T>(&self, answer: Result<T>) -> Result<T> {
        if matches!(answer, Err(Error::Conflict(_))) {
            self.conflicted();
        }
        answer
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
            Error::Conflict(_) if self.is_unread => Ok(()),
            Error::Conflict(conflict) if conflict.head.etag() != read.etag() => {
                metric::conflict(self.operation);
                self.give_up(Error::state_changed(read.same_state(), conflict.head))
            }
            error => self.after_anything(error, read),
        }
    }

    /// The same for what does not depend on the state: another attempt whatever came in between.
    pub(crate) fn after_anything(&mut self, error: Error, read: &Head) -> Result<()> {
        match error {
            Error::Conflict(_) => metric::conflict(self.operation),
            // The same request came in between. Whatever the deadline says, the next look finds it.
            Error::Backplane { source: BackplaneError::CommitIdReused { .. }, .. } if !self.is_taken => {
                self.is_taken = true;
                return Ok(());
            }
            error => return Err(error),
        }
        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return self.give_up(Error::Contended { key: read.key.clone(), attempts: self.made });
        }
        metric::retry(self.operation);
        self.made += 1;
        Ok(())
    }
    /// Answers this: at once, or if the same request may have been carried out, after a last look.
    fn give_up(&mut self, error: Error) -> Result<()> {
        if !self.is_named {
            return Err(error);
        }
        self.given_up = Some(error);
        Ok(())
    }
}
