//! A bare loop, on a thread of its own: no runtime between it and the engine.

use super::{Contender, Round};
use anyhow::{Result, anyhow};
use std::time::Instant;

/// Somebody who does one operation after the other, and blocks.
pub(crate) trait Loop: Send {
    /// All that an operation needs, made before the clock runs.
    type Job: Send;

    /// Makes ready for the next one.
    fn prepare(&mut self) -> Result<Self::Job>;

    /// Does one.
    fn run(&mut self, job: &Self::Job) -> Result<()>;
}

/// Loops side by side, each on a thread.
pub(crate) struct Threads<L>(pub(crate) Vec<L>);

impl<L: Loop> Contender for Threads<L> {
    fn round(&mut self, count: usize) -> Result<Round> {
        let share = count.div_ceil(self.0.len()).max(1);
        // In turn, as they will run: ids are in the order of the time that they are made.
        let mut prepared: Vec<_> = self.0.iter_mut().map(|each| (each, Vec::with_capacity(share))).collect();
        for _ in 0..share {
            for (each, jobs) in &mut prepared {
                jobs.push(each.prepare()?);
            }
        }
        let mut round = Round { count: share * prepared.len(), ..Round::default() };
        let start = Instant::now();
        std::thread::scope(|scope| {
            let threads: Vec<_> = prepared
                .into_iter()
                .map(|(each, jobs)| {
                    scope.spawn(move || {
                        jobs.iter().try_for_each(|job| each.run(job))?;
                        // Dropping what was prepared is not part of the work.
                        anyhow::Ok((jobs, Instant::now()))
                    })
                })
                .collect();
            for thread in threads {
                let (_jobs, end) = thread.join().map_err(|_| anyhow!("a bare loop panicked"))??;
                round.elapsed = round.elapsed.max(end - start);
            }
            Ok(round)
        })
    }
}
