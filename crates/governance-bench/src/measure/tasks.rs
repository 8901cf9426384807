//! Workers that run side by side, as tasks.

use super::{Contender, Round};
use anyhow::{Context, Result};
use std::future::Future;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// Somebody who does one operation after the other.
pub(crate) trait Worker: Send + Sized + 'static {
    /// All that an operation needs, made before the clock runs.
    type Job: Send + Sync;

    /// Makes ready for the next one.
    fn prepare(&mut self) -> Result<Self::Job>;

    /// Does one.
    fn run(&mut self, job: &Self::Job) -> impl Future<Output = Result<()>> + Send;
}

/// Workers side by side, each a task.
pub(crate) struct Tasks<'a, W> {
    runtime: &'a Runtime,
    workers: Vec<W>,
    timed: usize,
}

impl<'a, W: Worker> Tasks<'a, W> {
    /// Each operation of each worker is timed.
    pub(crate) fn new(runtime: &'a Runtime, workers: Vec<W>) -> Self {
        Self { runtime, workers, timed: 1 }
    }

    /// Only one operation in so many is timed, because the clock would take longer than they do.
    pub(crate) fn timing_one_in(mut self, timed: usize) -> Self {
        self.timed = timed;
        self
    }
}

impl<W: Worker> Contender for Tasks<'_, W> {
    fn round(&mut self, count: usize) -> Result<Round> {
        let share = count.div_ceil(self.workers.len()).max(1);
        // In turn, as they will run: ids are in the order of the time that they are made.
        let mut prepared: Vec<_> = self.workers.drain(..).map(|worker| (worker, Vec::with_capacity(share))).collect();
        for _ in 0..share {
            for (worker, jobs) in &mut prepared {
                jobs.push(worker.prepare()?);
            }
        }
        let timed = self.timed;
        let start = Instant::now();
        let tasks: Vec<_> =
            prepared.into_iter().map(|(worker, jobs)| self.runtime.spawn(work(worker, jobs, timed))).collect();
        let mut round = Round { count: share * tasks.len(), ..Round::default() };
        let mut jobs = Vec::new();
        for task in tasks {
            let done = self.runtime.block_on(task).context("a worker panicked")?;
            let done = done?;
            self.workers.push(done.worker);
            round.latencies.extend(done.latencies);
            round.elapsed = round.elapsed.max(done.end - start);
            // Dropping what was prepared is not part of the work.
            jobs.push(done.jobs);
        }
        Ok(round)
    }
}

struct Done<W: Worker> {
    worker: W,
    jobs: Vec<W::Job>,
    latencies: Vec<u64>,
    end: Instant,
}

async fn work<W: Worker>(mut worker: W, jobs: Vec<W::Job>, timed: usize) -> Result<Done<W>> {
    let mut latencies = Vec::with_capacity(jobs.len() / timed + 1);
    for chunk in jobs.chunks(timed) {
        let start = Instant::now();
        for (index, job) in chunk.iter().enumerate() {
            worker.run(job).await?;
            if index == 0 {
                latencies.push(nanoseconds(start.elapsed()));
            }
        }
    }
    Ok(Done { worker, jobs, latencies, end: Instant::now() })
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
