//! A B A B: both sides in turn, round after round.

use super::{Contender, Plan, Row, Subject, Turn, Workload};
use anyhow::{Context, Result};
use std::time::Duration;

/// Measures both sides in turn. What disturbs the machine for longer than a round disturbs both.
pub(crate) fn compare(engine: &'static str, workload: Workload<'_>, plan: &Plan) -> Result<Row> {
    let Workload { name, against, concurrency, target, at_most, set_up } = workload;
    let set_up = || -> Result<_> {
        let mut pair = set_up()?;
        let limit_count = calibrate(pair.limit.as_mut(), plan.period, at_most)?;
        let ours_count = calibrate(pair.ours.as_mut(), plan.period, at_most)?;
        Ok((pair, limit_count, ours_count))
    };
    let (mut pair, limit_count, ours_count) = set_up().with_context(|| format!("setting up {engine}, {name}"))?;
    let mut turns = Vec::new();
    for _ in 0..plan.rounds {
        let limit = pair.limit.round(limit_count).with_context(|| format!("the limit of {engine}, {name}"))?;
        let ours = pair.ours.round(ours_count).with_context(|| format!("{engine}, {name}"))?;
        turns.push(Turn { ours, limit });
    }
    Ok(Row::of(Subject { engine, workload: name, against, concurrency, target }, turns))
}

/// How many operations fill the period; running them to find out warms the side up.
fn calibrate(side: &mut dyn Contender, period: Duration, at_most: Option<usize>) -> Result<usize> {
    let at_most = at_most.unwrap_or(500_000);
    let mut count = 64.min(at_most);
    loop {
        let round = side.round(count)?;
        if count == at_most {
            return Ok(count);
        }
        if round.elapsed * 4 >= period {
            let fitting = round.rate() * period.as_secs_f64();
            return Ok((fitting as usize).clamp(1, at_most));
        }
        count = (count * 2).min(at_most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Pair, Round};

    /// A side whose operations take so many microseconds each, as it says.
    struct Slow(u64);

    impl Contender for Slow {
        fn round(&mut self, count: usize) -> Result<Round> {
            let elapsed = Duration::from_micros(self.0) * u32::try_from(count)?;
            Ok(Round { count, elapsed, latencies: vec![self.0 * 1_000; count] })
        }
    }

    fn plan() -> Plan {
        Plan { rounds: 3, period: Duration::from_millis(100), many: 0, only: None }
    }

    #[test]
    fn given_a_side_that_takes_twice_as_long_then_the_ratio_is_a_half() -> Result<()> {
        let set_up = || Ok(Pair { ours: Box::new(Slow(20)), limit: Box::new(Slow(10)) });
        let row = compare("none", Workload::new("waiting", "waiting less", 1, set_up), &plan())?;
        assert!((row.ratio - 0.5).abs() < 1e-9, "{row:?}");
        assert!((row.ours_per_s - 50_000.0).abs() < 1.0, "{row:?}");
        assert_eq!((row.p50_us, row.p99_us, row.rounds), (20.0, 20.0, 3));
        Ok(())
    }

    #[test]
    fn given_a_period_then_as_many_operations_as_fill_it_are_run() -> Result<()> {
        let period = Duration::from_millis(100);
        assert_eq!(calibrate(&mut Slow(10), period, None)?, 10_000);
        assert_eq!(calibrate(&mut Slow(10), period, Some(256))?, 256);
        Ok(())
    }
}
