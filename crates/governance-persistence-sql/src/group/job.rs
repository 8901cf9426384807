//! What is to be written, and who waits to hear how it went.

use super::look::Look;
use super::session::Written;
use crate::prepared::Texts;
use governance_persistence::{
    Commit, ETag, Error, Expected, ExperimentKey, LogEntry, Receipt, Record, Replicated, Result, Sequence, StateChange,
    Timestamp, VersionNumber,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::oneshot;

/// One of the two statements that write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// Makes the head's row: the first commit of an experiment.
    Create,
    /// Changes the head's row, if it is as expected.
    Update,
}

/// What the head's row must be like to be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expectation {
    Any,
    NoState,
    State(ETag),
    At(Sequence),
}

/// A commit, or an entry of another backplane's log, with the one who waits for the outcome.
pub(crate) struct Job {
    texts: Texts,
    request: Request,
    turn: Turn,
}

/// Whether a job is to be written is decided once: by the writer that takes it, or by the one who has
/// waited for that long enough.
#[derive(Clone, Debug, Default)]
pub(super) struct Turn(Arc<AtomicBool>);

impl Turn {
    /// Takes it. False when the other side did so before.
    pub(super) fn take(&self) -> bool {
        !self.0.swap(true, Ordering::AcqRel)
    }
}

enum Request {
    Commit(Commit, oneshot::Sender<Result<Receipt>>),
    Entry(Box<LogEntry>, oneshot::Sender<Result<Replicated>>),
}

impl Job {
    pub(super) fn commit(commit: &Commit) -> Result<(Self, oneshot::Receiver<Result<Receipt>>)> {
        let (sender, receiver) = oneshot::channel();
        let request = Request::Commit(commit.clone(), sender);
        Ok((Self { texts: Texts::of_commit(commit)?, request, turn: Turn::default() }, receiver))
    }

    pub(super) fn entry(entry: &LogEntry) -> Result<(Self, oneshot::Receiver<Result<Replicated>>)> {
        let (sender, receiver) = oneshot::channel();
        let request = Request::Entry(Box::new(entry.clone()), sender);
        Ok((Self { texts: Texts::of_entry(entry)?, request, turn: Turn::default() }, receiver))
    }

    pub(super) fn turn(&self) -> &Turn {
        &self.turn
    }

    pub(crate) fn key(&self) -> &ExperimentKey {
        match &self.request {
            Request::Commit(commit, _) => commit.key(),
            Request::Entry(entry, _) => &entry.key,
        }
    }

    pub(crate) fn texts(&self) -> &Texts {
        &self.texts
    }

    pub(crate) fn state(&self) -> Option<&StateChange> {
        match &self.request {
            Request::Commit(commit, _) => commit.state(),
            Request::Entry(entry, _) => entry.state.as_ref(),
        }
    }

    pub(crate) fn records(&self) -> &[Record] {
        match &self.request {
            Request::Commit(commit, _) => commit.records(),
            Request::Entry(entry, _) => &entry.records,
        }
    }

    /// First and last number of its configuration versions.
    pub(crate) fn versions(&self) -> Option<(VersionNumber, VersionNumber)> {
        match &self.request {
            Request::Commit(commit, _) => commit.version_range(),
            Request::Entry(entry, _) => entry.version_range(),
        }
    }

    /// When it was recorded, if that is settled already.
    pub(crate) fn recorded_at(&self) -> Option<Timestamp> {
        match &self.request {
            Request::Commit(..) => None,
            Request::Entry(entry, _) => Some(entry.recorded_at),
        }
    }

    /// The sequence that it must have, if that is settled already.
    pub(crate) fn sequence(&self) -> Option<Sequence> {
        match &self.request {
            Request::Commit(..) => None,
            Request::Entry(entry, _) => Some(entry.sequence),
        }
    }

    /// What a row that is there must be like.
    pub(crate) fn expectation(&self) -> Expectation {
        match &self.request {
            Request::Commit(commit, _) => match commit.expected() {
                Expected::Any => Expectation::Any,
                Expected::Absent => Expectation::NoState,
                Expected::Match(etag) => Expectation::State(etag),
                Expected::At(sequence) => Expectation::At(sequence),
            },
            Request::Entry(entry, _) => Expectation::At(entry.sequence.previous()),
        }
    }

    /// The statement that is likely to write it.
    pub(super) fn first_step(&self) -> Step {
        match self.expectation() {
            Expectation::NoState | Expectation::At(Sequence::ZERO) => Step::Create,
            Expectation::Any | Expectation::State(_) | Expectation::At(_) => Step::Update,
        }
    }

    /// The other statement, if it could write it too.
    pub(super) fn second_step(&self) -> Option<Step> {
        match self.expectation() {
            Expectation::Any => Some(Step::Create),
            Expectation::NoState => Some(Step::Update),
            Expectation::State(_) | Expectation::At(_) => None,
        }
    }

    /// Tells that it was written.
    pub(super) fn written(self, written: Written) {
        match self.request {
            Request::Commit(commit, reply) => {
                send(reply, Ok(Receipt::applied(&commit, written.sequence, written.recorded_at)));
            }
            Request::Entry(_, reply) => send(reply, Ok(Replicated::Applied)),
        }
    }

    /// Tells that it was not.
    pub(super) fn failed(self, error: Error) {
        match self.request {
            Request::Commit(_, reply) => send(reply, Err(error)),
            Request::Entry(_, reply) => send(reply, Err(error)),
        }
    }

    /// Tells what follows from what is there. When nothing does, it is to be written again.
    pub(super) fn settle(self, look: &Look) -> Option<Self> {
        let Self { texts, request, turn } = self;
        match request {
            Request::Commit(commit, reply) => match look.of_commit(&commit) {
                Ok(None) => Some(Self { texts, request: Request::Commit(commit, reply), turn }),
                Ok(Some(receipt)) => {
                    send(reply, Ok(receipt));
                    None
                }
                Err(error) => {
                    send(reply, Err(error));
                    None
                }
            },
            Request::Entry(entry, reply) => match look.of_entry(&entry) {
                Ok(None) => Some(Self { texts, request: Request::Entry(entry, reply), turn }),
                Ok(Some(replicated)) => {
                    send(reply, Ok(replicated));
                    None
                }
                Err(error) => {
                    send(reply, Err(error));
                    None
                }
            },
        }
    }
}

/// Who waits may have gone away; the work is done all the same.
fn send<T>(reply: oneshot::Sender<T>, outcome: T) {
    let _ = reply.send(outcome);
}
