//! What time it is, for those who write records and judge by the time of day.

use governance_persistence::Timestamp;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

/// Tells the time. History is ordered without it; timestamps in records and time windows need it.
pub trait Clock: Debug + Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that stands until it is set: for tests, and to ask what would have been. Clones are one
/// clock.
///
/// ```
/// use governance::{Clock, SetClock};
///
/// let clock = SetClock::at("2026-03-01T09:00:00Z".parse()?);
/// clock.set("2026-03-01T17:30:00Z".parse()?);
/// assert_eq!(clock.now().to_string(), "2026-03-01T17:30:00.000000Z");
/// # Ok::<(), governance::persistence::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct SetClock(Arc<Mutex<Timestamp>>);

impl SetClock {
    /// A clock that stands at this time.
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(now)))
    }

    /// Sets it, forwards or backwards.
    pub fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }
}
