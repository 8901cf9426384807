//! `redis-benchmark` as the other side: each round is a run of it.

use super::limit::{FRESH_ID, fresh_id};
use super::server::Server;
use crate::measure::{Contender, Round};
use anyhow::{Context, Result, ensure};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::time::Duration;

/// How many commands are sent before an answer is waited for, from so many at once on.
const PIPELINE: usize = 16;

/// So many different numbers there may be in the place of `__rand_int__`: as many as it takes.
const NUMBERS: usize = i32::MAX as usize;

pub(super) struct RedisBenchmark {
    server: Rc<Server>,
    command: Vec<Vec<u8>>,
    /// How many different numbers there are.
    numbers: usize,
    at_once: usize,
    rounds: u32,
}

impl RedisBenchmark {
    /// Sends this command, so many at once: over one connection one after the other, or sixteen over each.
    pub(super) fn new(server: &Rc<Server>, command: Vec<Vec<u8>>, at_once: usize) -> Self {
        Self { server: server.clone(), command, numbers: NUMBERS, at_once, rounds: 0 }
    }

    /// With numbers from zero on, and so many of them.
    pub(super) fn numbers(self, numbers: usize) -> Self {
        Self { numbers, ..self }
    }

    fn arguments(&self, count: usize) -> Vec<OsString> {
        let pipeline = if self.at_once >= PIPELINE { PIPELINE } else { 1 };
        let options = [
            ("-h", "127.0.0.1".to_owned()),
            ("-p", self.server.port().to_string()),
            ("-c", self.at_once.div_ceil(pipeline).to_string()),
            ("-P", pipeline.to_string()),
            ("-n", count.to_string()),
            ("-r", self.numbers.to_string()),
        ];
        let options = options.into_iter().flat_map(|(name, value)| [name.into(), value.into()]);
        let fresh = fresh_id(self.rounds);
        let of_round = |word: &Vec<u8>| if word == FRESH_ID { fresh.clone() } else { word.clone() };
        let command = self.command.iter().map(|word| OsString::from_vec(of_round(word)));
        options.chain(["-q".into()]).chain(command).collect()
    }
}

impl Contender for RedisBenchmark {
    fn round(&mut self, count: usize) -> Result<Round> {
        // It sends whole pipelines.
        let count = count.next_multiple_of(self.at_once);
        self.rounds += 1;
        let mut benchmark = Command::new(self.server.benchmark());
        let output = benchmark.args(self.arguments(count)).stdin(Stdio::null()).output();
        let output = output.context("redis-benchmark does not start")?;
        let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        ensure!(output.status.success() && !told.contains("Error from server"), "redis-benchmark failed: {told}");
        let rate = rate(&told).with_context(|| format!("redis-benchmark tells no rate: {told}"))?;
        // Of single ones it tells only how long a pipeline took; what only ours shows need not be measured here.
        let elapsed = Duration::from_secs_f64(count as f64 / rate.max(1.0));
        Ok(Round { count, elapsed, latencies: Vec::new() })
    }
}

/// Of `… : 12345.67 requests per second, p50=0.047 msec`, the last one.
fn rate(told: &str) -> Option<f64> {
    let (before, _) = told.rsplit_once(" requests per second")?;
    before.rsplit(' ').next()?.parse().ok().filter(|rate| *rate > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_what_redis_benchmark_tells_then_the_rate_of_the_whole_run_is_found() {
        let told = "GET a: rps=0.0 (overall: nan) avg_msec=nan (overall: nan)\rGET a: 31250.00 requests per second, p50=0.1 msec\n";
        assert_eq!(rate(told), Some(31_250.0));
        assert_eq!(rate("Could not connect to Redis"), None);
    }
}
