//! What comes out of a comparison.

use super::Round;
use super::quantile::{median, percentile};
use serde::Serialize;

/// One workload at one concurrency. The ratio is the median of the rounds' own ratios.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    /// The engine's name.
    pub(crate) engine: &'static str,
    /// What was done.
    pub(crate) workload: String,
    /// What it was measured against.
    pub(crate) against: String,
    /// How many workers ours had.
    pub(crate) concurrency: usize,
    /// Our operations in a second; the median of the rounds.
    pub(crate) ours_per_s: f64,
    /// The limit's operations in a second; the median of the rounds.
    pub(crate) limit_per_s: f64,
    /// Ours by the limit's: more is better.
    pub(crate) ratio: f64,
    /// Half of our operations took at most so many microseconds.
    pub(crate) p50_us: f64,
    /// 99 in 100 of our operations took at most so many microseconds.
    pub(crate) p99_us: f64,
    /// How often each side was measured.
    pub(crate) rounds: usize,
    /// The most memory that the process of ours held, in bytes, where that is what is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) peak_bytes: Option<u64>,
    #[serde(skip)]
    pub(crate) target: Option<Target>,
}

/// What the design asks of a ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Target {
    /// The least.
    pub(crate) floor: f64,
    /// What to aim at.
    pub(crate) goal: f64,
}

/// What was measured.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) engine: &'static str,
    pub(crate) workload: String,
    pub(crate) against: String,
    pub(crate) concurrency: usize,
    pub(crate) target: Option<Target>,
}

/// One round of each side: ours, and the limit.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) ours: Round,
    pub(crate) limit: Round,
}

impl Row {
    /// Sums the turns up.
    pub(crate) fn of(subject: Subject, turns: Vec<Turn>) -> Self {
        let Subject { engine, workload, against, concurrency, target } = subject;
        let of = |figure: fn(&Turn) -> f64| median(turns.iter().map(figure).collect());
        let ours_per_s = of(|turn| turn.ours.rate());
        let limit_per_s = of(|turn| turn.limit.rate());
        let ratio = of(|turn| turn.ours.rate() / turn.limit.rate());
        let rounds = turns.len();
        let mut latencies: Vec<u64> = turns.into_iter().flat_map(|turn| turn.ours.latencies).collect();
        let mut microseconds = |percent| percentile(&mut latencies, percent) as f64 / 1e3;
        let (p50_us, p99_us) = (microseconds(50), microseconds(99));
        Self {
            engine,
            workload,
            against,
            concurrency,
            ours_per_s,
            limit_per_s,
            ratio,
            p50_us,
            p99_us,
            rounds,
            peak_bytes: None,
            target,
        }
    }
}
