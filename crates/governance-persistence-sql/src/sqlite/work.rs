//! Something to write, and whoever waits for the outcome.

use super::session::Session;
use governance_persistence::{Error, Outcome, Result};
use tokio::sync::oneshot;

/// How carefully to go about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// As if nothing was sent before. Whatever fails, or is refused after having written something,
    /// is asked again.
    First,
    /// Having looked first. The answer is final.
    Careful,
}

/// How it went. What was not done wants whatever it wrote taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ran {
    Done,
    /// It was decided that it is not to be done.
    Refused,
    /// It could not be done, which decides nothing.
    Failed,
}

/// Something to do inside the writer's transaction. It may be done again, when the transaction of
/// a whole batch failed; only the last outcome counts.
pub(super) trait Work: Send {
    /// Does it.
    fn run(&mut self, session: &mut Session<'_>, pass: Pass) -> Ran;

    /// Forgets how it went, because what it wrote was taken back. It will run again.
    fn forget(&mut self);

    /// Tells whoever waits: the outcome of the last run if that was committed, else the error.
    fn finish(self: Box<Self>, committed: Result<()>);
}

/// Work as a closure, with the channel its outcome goes to.
pub(super) struct Task<T, F> {
    work: F,
    outcome: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T, F> Task<T, F>
where
    T: Send + 'static,
    F: FnMut(&mut Session<'_>, Pass) -> Result<T> + Send + 'static,
{
    /// The work, and where its outcome arrives.
    pub(super) fn boxed(work: F) -> (Box<dyn Work>, oneshot::Receiver<Result<T>>) {
        let (reply, receiver) = oneshot::channel();
        (Box::new(Self { work, outcome: None, reply }), receiver)
    }
}

impl<T, F> Work for Task<T, F>
where
    T: Send + 'static,
    F: FnMut(&mut Session<'_>, Pass) -> Result<T> + Send + 'static,
{
    fn run(&mut self, session: &mut Session<'_>, pass: Pass) -> Ran {
        let outcome = (self.work)(session, pass);
        let ran = match &outcome {
            Ok(_) => Ran::Done,
            Err(Error::Unavailable { .. } | Error::Backend { .. }) => Ran::Failed,
            Err(_) => Ran::Refused,
        };
        self.outcome = Some(outcome);
        ran
    }

    fn forget(&mut self) {
        self.outcome = None;
    }

    fn finish(self: Box<Self>, committed: Result<()>) {
        let outcome = match (committed, self.outcome) {
            // It failed by itself, and alone: it decided on what was there before its transaction.
            (Err(error), Some(Err(own))) if error.outcome() == Outcome::NotApplied => Err(own),
            (Err(error), _) => Err(error),
            (Ok(()), Some(outcome)) => outcome,
            (Ok(()), None) => Err(Error::not_applied("the writer never came to it", None)),
        };
        // Whoever asked may have gone; the work is done all the same.
        let _ = self.reply.send(outcome);
    }
}
