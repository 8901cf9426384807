//! A backplane that sends again what failed in passing, until a deadline.

mod attempts;
mod backplane;
mod ephemeral;

use crate::{Backplane, Error, Result};
use attempts::Policy;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::RwLock;

/// Wraps a backplane, and repeats every call that ends [`Unavailable`](Error::Unavailable) until it
/// is answered or the call's deadline has passed.
///
/// ```
/// use governance_persistence::{BackplaneExt, ExperimentKey, InMemoryBackplane, Retrying};
/// use std::time::Duration;
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let backplane = Retrying::new(InMemoryBackplane::new())
///     .deadline(Duration::from_secs(5))
///     .delays(Duration::from_millis(20), Duration::from_millis(500));
/// let key = ExperimentKey::new("checkout")?;
/// assert_eq!(backplane.get_experiment_state(&key).await?, None);
/// # Ok::<(), Error>(())
/// # })?;
/// # use governance_persistence::Error;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # What is sent again
///
/// Only what ended `Unavailable`. Every other answer is final and handed on at once. The pauses
/// between the attempts grow from the shortest to about the longest, with jitter. No attempt
/// begins after the deadline; one that has begun is waited for, because to drop it would leave
/// its outcome unknown. Put `tokio::time::timeout` around a call that must end: as with every
/// backplane, dropping the future is safe. The pauses need a Tokio runtime with its timer.
///
/// * **Reads, `ping` and `close`** change nothing by being repeated. To learn whether the engine
///   answers right now, ping the [inner](Self::inner) backplane.
/// * **A commit** is sent again as the very same commit, so that it is applied once.
/// * **`replicate`** is sent again: an entry that is there is not applied a second time. After a
///   lost reply the answer may be [`AlreadyApplied`](crate::Replicated::AlreadyApplied) although
///   it was this call that applied it.
/// * **Ephemerals are put and removed at least once.** A value put again lives anew from the
///   attempt that arrived last. After a lost reply, `remove` may answer `false` although it was
///   this call that removed the value. A repetition that comes late may overwrite or remove what
///   somebody else put in between: they are hints, and may be lost.
///
/// # What an answer means after an attempt that was left unknown
///
/// When the reply to an attempt is lost, the commit may have been applied, may not have been, or
/// may still be on its way. A later answer to the same commit then means:
///
/// * **A receipt:** it is applied, once. [`replayed`](crate::Receipt::replayed) is handed on as the
///   backplane said it, `true` if an earlier attempt applied it, which may be one of this very
///   call. Nobody can tell: another sender of the same commit may have come in between. So of all
///   who send one commit, at most one is told `false`.
/// * **[`Conflict`](Error::Conflict), [`CommitIdReused`](Error::CommitIdReused) or
///   [`RecordIdReused`](Error::RecordIdReused):** it is not applied, and the answer is handed on. A
///   replay wins over all of these, so no earlier attempt had been applied by then. Nor can one
///   that is still on its way be applied later: ids stay used, and sequences, versions and ETags
///   never come back. The exception is a commit sent ahead of its time, which expects a
///   sequence or an ETag, or brings a version, that the experiment has not *reached yet*: a
///   straggler could find it reached. So build a commit on what was read or acknowledged.
/// * **[`Invalid`](Error::Invalid):** nothing was applied: the same request is as invalid each time.
/// * **Not applied**, and [`Unsupported`](Error::Unsupported), speak of one attempt only; the result
///   stays [`Unknown`](crate::Outcome::Unknown). Keep the commit, and send it again later.
///
/// # Closing
///
/// `close` refuses what comes later, waits for the calls that were begun, their repetitions
/// included, but no longer than a deadline, and then closes the inner backplane. When the inner
/// one is closed through another handle, that cannot be told from an engine that is down:
/// calls then fail at their deadline.
#[derive(Debug)]
pub struct Retrying<B> {
    inner: B,
    policy: Policy,
    closed: AtomicBool,
    /// Read while a call runs; only closing writes.
    begun: RwLock<()>,
}

impl<B> Retrying<B> {
    /// Wraps a backplane, with a deadline of 10 s and pauses from 20 ms to 1 s.
    pub fn new(inner: B) -> Self {
        let (closed, begun) = (AtomicBool::new(false), RwLock::new(()));
        Self { inner, policy: Policy::default(), closed, begun }
    }

    /// Sets how long after the start of a call an attempt may begin. Zero: only the first one.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.policy.deadline = deadline;
        self
    }

    /// Sets the first pause between two attempts, and where the pauses stop growing; each at most
    /// a day. Jitter may double each pause.
    #[must_use]
    pub fn delays(mut self, shortest: Duration, longest: Duration) -> Self {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        self.policy.shortest = shortest.min(DAY);
        self.policy.longest = longest.clamp(self.policy.shortest, DAY);
        self
    }

    /// The backplane inside, which tries once.
    pub fn inner(&self) -> &B {
        &self.inner
    }
}

impl<B: Backplane> Retrying<B> {
    /// Makes the call until it is answered.
    async fn until_answered<T, F>(&self, call: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        // Only closing ever holds or awaits the lock for itself.
        match self.begun.try_read() {
            Ok(_begun) if !self.closed.load(Ordering::Acquire) => attempts::until_answered(self.policy, call).await,
            _ => Err(Error::not_applied("the backplane was closed", None)),
        }
    }

    async fn drain_and_close(&self) -> Result<()> {
        self.closed.store(true, Ordering::Release);
        // A caller that neither polls nor drops its call shall not keep the engine open for ever.
        let _ = tokio::time::timeout(self.policy.deadline, self.begun.write()).await;
        attempts::until_answered(self.policy, || self.inner.close()).await
    }
}
