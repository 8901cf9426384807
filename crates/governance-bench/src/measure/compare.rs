//! A B B A: both sides in turn, round after round.

use super::{Contender, Operations, Pair, Plan, Round, Row, Subject, Turn, Workload};
use anyhow::{Context, Result};
use std::time::Duration;

/// Measures both sides in turn, and closes them.
pub(crate) fn compare(engine: &'static str, workload: Workload<'_>, plan: &Plan) -> Result<Row> {
    let Workload { name, against, concurrency, target, operations, set_up } = workload;
    let set_up = || -> Result<_> {
        let mut pair = set_up()?;
        let limit_count = warm_up(pair.limit.as_mut(), plan.period, operations)?;
        let ours_count = warm_up(pair.ours.as_mut(), plan.period, operations)?;
        Ok((pair, limit_count, ours_count))
    };
    let (mut pair, limit_count, ours_count) = set_up().with_context(|| format!("setting up {engine}, {name}"))?;
    let Pair { ours, limit, .. } = &mut pair;
    let turns = alternate(
        plan.rounds,
        || ours.round(ours_count).with_context(|| format!("{engine}, {name}")),
        || limit.round(limit_count).with_context(|| format!("the limit of {engine}, {name}")),
    )?;
    pair.close().with_context(|| format!("closing {engine}, {name}"))?;
    Ok(Row::of(Subject { engine, workload: name, against, concurrency, target }, turns))
}

/// Runs both sides in turn. What disturbs the machine for longer than a round disturbs both; and
/// each side is first in every other round, so that what one leaves behind for the next, a disk
/// that still writes say, is not always left to the same.
pub(crate) fn alternate(
    rounds: u32,
    mut ours: impl FnMut() -> Result<Round>,
    mut limit: impl FnMut() -> Result<Round>,
) -> Result<Vec<Turn>> {
    let turn = |round| {
        if round % 2 == 0 {
            let limit = limit()?;
            Ok(Turn { ours: ours()?, limit })
        } else {
            let ours = ours()?;
            Ok(Turn { ours, limit: limit()? })
        }
    };
    (0..rounds).map(turn).collect()
}

/// Warms a side up, and tells how many operations its rounds are to have.
fn warm_up(side: &mut dyn Contender, period: Duration, operations: Operations) -> Result<usize> {
    match operations {
        Operations::AtMost(most) => calibrate(side, period, most),
        Operations::Exactly(count) => side.round(count).map(|_| count),
    }
}

/// How many operations fill the period.
fn calibrate(side: &mut dyn Contender, period: Duration, at_most: usize) -> Result<usize> {
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
    use std::cell::RefCell;

    /// A side whose operations take so many microseconds each, as it says.
    struct Slow(u64);

    impl Contender for Slow {
        fn round(&mut self, count: usize) -> Result<Round> {
            let elapsed = Duration::from_micros(self.0) * u32::try_from(count)?;
            Ok(Round { count, elapsed, latencies: vec![self.0 * 1_000; count] })
        }
    }

    /// A side that writes down each of its rounds, and when it is dropped.
    struct Noted<'n>(&'static str, &'n RefCell<Vec<String>>);

    impl Contender for Noted<'_> {
        fn round(&mut self, count: usize) -> Result<Round> {
            self.1.borrow_mut().push(format!("{} {count}", self.0));
            Slow(10).round(count)
        }
    }

    impl Drop for Noted<'_> {
        fn drop(&mut self) {
            self.1.borrow_mut().push(format!("{} dropped", self.0));
        }
    }

    fn plan() -> Plan {
        Plan { rounds: 3, period: Duration::from_millis(100), many: 0, only: None }
    }

    #[test]
    fn given_a_side_that_takes_twice_as_long_then_the_ratio_is_a_half() -> Result<()> {
        let set_up = || Ok(Pair::new(Slow(20), Slow(10)));
        let row = compare("none", Workload::new("waiting", "waiting less", 1, set_up), &plan())?;
        assert!((row.ratio - 0.5).abs() < 1e-9, "{row:?}");
        assert!((row.ours_per_s - 50_000.0).abs() < 1.0, "{row:?}");
        assert_eq!((row.p50_us, row.p99_us, row.rounds), (20.0, 20.0, 3));
        Ok(())
    }

    #[test]
    fn given_a_period_then_as_many_operations_as_fill_it_are_run() -> Result<()> {
        let period = Duration::from_millis(100);
        assert_eq!(calibrate(&mut Slow(10), period, 500_000)?, 10_000);
        assert_eq!(calibrate(&mut Slow(10), period, 256)?, 256);
        Ok(())
    }

    #[test]
    fn given_a_number_of_operations_then_each_round_has_it_and_each_side_begins_in_turn_until_all_is_closed()
    -> Result<()> {
        let noted = RefCell::default();
        let set_up = || {
            let pair = Pair::new(Noted("ours", &noted), Noted("limit", &noted));
            Ok(pair.closing(|| {
                noted.borrow_mut().push("closed".to_owned());
                Ok(())
            }))
        };
        compare("none", Workload::new("noting", "noting", 1, set_up).exactly(7), &plan())?;
        let warm_up = ["limit 7", "ours 7"];
        let rounds = ["limit 7", "ours 7", "ours 7", "limit 7", "limit 7", "ours 7"];
        let end = ["ours dropped", "limit dropped", "closed"];
        assert_eq!(*noted.borrow(), [&warm_up[..], &rounds, &end].concat());
        Ok(())
    }

    #[test]
    fn given_what_cannot_be_closed_then_there_is_no_row() {
        let set_up = || Ok(Pair::new(Slow(10), Slow(10)).closing(|| anyhow::bail!("it does not close")));
        let compared = compare("none", Workload::new("closing", "closing", 1, set_up), &plan());
        assert!(compared.is_err_and(|error| format!("{error:#}").contains("it does not close")));
    }
}
