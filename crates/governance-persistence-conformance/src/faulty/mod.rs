//! A backplane on which calls fail and replies get lost, as the test wants it.

mod attributed;
mod backplane;
mod deed;
mod ephemeral;
mod fate;
mod faults;

pub use attributed::Attributed;
pub use fate::{Fate, Odds, Tally};
pub use faults::Faults;

use deed::Deed;
use governance_persistence::{Error, Result};

/// Wraps a backplane, and lets each call meet the [`Fate`] that its [`Faults`] hold ready.
///
/// All calls are met, those to read and to close too. Handles on one place may share their faults.
#[derive(Debug)]
pub struct Faulty<B> {
    inner: B,
    faults: Faults,
}

impl<B> Faulty<B> {
    /// Wraps a backplane. The test keeps the faults, to change them while it runs.
    pub fn new(inner: B, faults: &Faults) -> Self {
        Self { inner, faults: faults.clone() }
    }

    /// The backplane inside, on which nothing fails.
    pub fn inner(&self) -> &B {
        &self.inner
    }

    /// Lets the call meet its fate.
    async fn meet<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        self.meet_doing(call, |_| None).await
    }

    /// Lets a call meet its fate whose answer may tell of a deed. When the reply is lost, the
    /// deed is remembered for [`Attributed`].
    async fn meet_doing<T>(
        &self,
        call: impl Future<Output = Result<T>>,
        deed: impl FnOnce(&T) -> Option<Deed>,
    ) -> Result<T> {
        match self.faults.next_fate() {
            Fate::Answered => call.await,
            Fate::Refused => Err(Error::not_applied("the request was refused (injected fault)", None)),
            Fate::RequestLost => Err(Error::unknown("the request was lost (injected fault)", None)),
            Fate::ReplyLost => {
                if let Some(deed) = call.await.ok().as_ref().and_then(deed) {
                    self.faults.remember(deed);
                }
                Err(Error::unknown("the reply was lost (injected fault)", None))
            }
        }
    }
}
