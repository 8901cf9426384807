//! One side of a comparison.

use anyhow::Result;
use std::time::Duration;

/// One side of a comparison: ours, or the limit.
pub(crate) trait Contender {
    /// Does about `count` operations, and tells how long they took. What can be prepared is
    /// prepared before the clock runs.
    fn round(&mut self, count: usize) -> Result<Round>;
}

/// What one side did in one round.
#[derive(Debug, Default)]
pub(crate) struct Round {
    /// How many operations.
    pub(crate) count: usize,
    /// From the first to the end of the last.
    pub(crate) elapsed: Duration,
    /// How long single ones took, in nanoseconds; of very short ones only some are looked at.
    pub(crate) latencies: Vec<u64>,
}

impl Round {
    /// Operations in a second.
    pub(crate) fn rate(&self) -> f64 {
        self.count as f64 / self.elapsed.as_secs_f64().max(f64::MIN_POSITIVE)
    }
}
