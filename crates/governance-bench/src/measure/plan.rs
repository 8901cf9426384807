//! How long and how often to measure.

use crate::args::Args;
use std::time::Duration;

/// How long and how often to measure, and what.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// How often each side is measured.
    pub(crate) rounds: u32,
    /// How long one side runs in a round, about.
    pub(crate) period: Duration,
    /// How many records a long history holds.
    pub(crate) many: usize,
    /// Only the workload of this name; or if there is none, those whose name holds it.
    pub(crate) only: Option<String>,
}

impl Plan {
    /// What the arguments ask for.
    pub(crate) fn of(args: &Args) -> Self {
        let (rounds, period, many) = if args.quick {
            (3, Duration::from_millis(250), 100_000)
        } else {
            (7, Duration::from_millis(1_000), 1_000_000)
        };
        Self { rounds: args.rounds.unwrap_or(rounds), period, many, only: args.only.clone() }
    }
}
