//! Waiting while another process writes to the same file.
//!
//! SQLite's own busy timeout sleeps up to 100 ms at a time. A process that commits all the time
//! leaves gaps of microseconds, which such a sleeper misses for seconds. So we look again after
//! a short time, and a random one, so that two who wait do not wait in step.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

thread_local! {
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// From now on, what this thread asks of SQLite may wait for so long.
pub(super) fn wait_at_most(timeout: Duration) {
    DEADLINE.set(Some(Instant::now() + timeout));
}

/// SQLite's busy handler: sleeps a little, and tells whether to try again.
pub(super) fn wait(times: i32) -> bool {
    if DEADLINE.get().is_none_or(|deadline| Instant::now() >= deadline) {
        return false;
    }
    let longest = 100_u64 << times.clamp(0, 5);
    let jitter = RandomState::new().hash_one(times);
    std::thread::sleep(Duration::from_micros(50 + jitter % longest));
    true
}
