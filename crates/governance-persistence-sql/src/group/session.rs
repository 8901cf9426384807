//! What an engine brings: connections that write a batch in one statement.

use super::job::{Job, Step};
use super::look::Look;
use governance_persistence::{Error, Result, Sequence, Timestamp};
use std::future::Future;

/// A server that sessions can be opened on.
pub(crate) trait Server: Send + Sync + 'static {
    type Session: Session;

    /// Opens a connection that writes.
    fn open(&self) -> impl Future<Output = Result<Self::Session>> + Send;

    /// It was found to be no primary any more: what is read from it may be old.
    fn demoted(&self);
}

/// May some of the commits be there already?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Known {
    /// Hardly: their ids are not looked for, a unique index refuses them.
    Unlikely,
    /// Perhaps: those that are there are left out.
    LeftOut,
}

/// How long a statement waits for a lock that somebody else holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// A part of what a statement may take, and it is sent again.
    Usual,
    /// A second at most: others wait behind it.
    Short,
}

/// What became of a job that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) sequence: Sequence,
    pub(crate) recorded_at: Timestamp,
}

/// Why a statement failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A unique key is taken. Nothing was written.
    Duplicate,
    /// Others were in the way. Nothing was written, and the same again may go through.
    Again(Error),
    /// Somebody else held a lock for longer than it is waited for. Nothing was written.
    Held(Error),
    /// It took too long. Nothing was written.
    Slow(Error),
    /// Nothing was written.
    Refused(Error),
    /// Nothing was written, and the session is of no more use.
    Broken(Error),
    /// Nothing was written, for the server only reads; the session is of no more use.
    Demoted(Error),
    /// The reply did not come; the session is of no more use.
    Lost(Error),
}

/// A connection that writes. Not more than one future of it runs at a time, and each is run to its
/// end.
pub(crate) trait Session: Send {
    /// Sets how long it waits for locks from now on.
    fn wait_for_locks(&mut self, patience: Patience) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Writes those jobs whose expectation is met, all or none, and tells for each whether it was.
    /// No two of them have the same key.
    fn write(
        &mut self,
        step: Step,
        known: Known,
        jobs: &[&Job],
    ) -> impl Future<Output = Result<Vec<Option<Written>>, Failure>> + Send;

    /// Looks what is there of what the job is about.
    fn look(&mut self, job: &Job) -> impl Future<Output = Result<Look, Failure>> + Send;

    /// Is the connection still there?
    fn ping(&mut self) -> impl Future<Output = bool> + Send;

    /// Says good-bye.
    fn close(self) -> impl Future<Output = ()> + Send;
}
