//! Keeps panics of other tests visible while a feature runs.
//!
//! While it runs, cucumber puts a hook in place that swallows all panic messages of the process,
//! those of other tests too. So each scenario puts the hook back that was there before.

use std::panic::{self, PanicHookInfo};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The hook is one for the whole process, so that features take turns.
pub(super) fn one_feature_at_a_time() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The hook that reports panics.
pub(super) struct Reported(Arc<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>);

impl Reported {
    /// The hook that is in place now, and stays there.
    pub(super) fn from_now_on() -> Self {
        let reported = Self(Arc::from(panic::take_hook()));
        reported.go_on();
        reported
    }

    /// Puts it back.
    pub(super) fn go_on(&self) {
        let hook = self.0.clone();
        panic::set_hook(Box::new(move |info| hook(info)));
    }
}
