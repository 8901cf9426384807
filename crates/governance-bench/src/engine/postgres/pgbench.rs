//! `pgbench` as the other side: each round is a run of it.

use super::schema::Schema;
use super::script;
use crate::measure::{Contender, Round};
use crate::work::{Kind, Read};
use anyhow::{Context, Result};
use std::io::Write;
use std::time::Duration;
use tempfile::NamedTempFile;

pub(super) struct Pgbench {
    schema: Schema,
    script: NamedTempFile,
    clients: usize,
}

/// What is not counted at the beginning of a run, in seconds: each session begins with empty caches, and
/// on two cores it takes that long until many of them have filled theirs.
const WARM_UP: usize = 2;

impl Pgbench {
    pub(super) fn commits(schema: Schema, kind: Kind, clients: usize) -> Result<Self> {
        let share = (kind.experiments(clients) / clients).max(1);
        Self::new(schema, &script::commit(kind, share), clients)
    }

    pub(super) fn reads(schema: Schema, read: Read, clients: usize) -> Result<Self> {
        Self::new(schema, &script::read(read), clients)
    }

    fn new(schema: Schema, text: &str, clients: usize) -> Result<Self> {
        let mut script = NamedTempFile::new().context("there is no place for temporary files")?;
        script.write_all(text.as_bytes())?;
        Ok(Self { schema, script, clients })
    }
}

impl Contender for Pgbench {
    /// It runs for whole seconds, however many operations are asked for: one, after the warm-up.
    fn round(&mut self, _: usize) -> Result<Round> {
        let arguments = [
            "--no-vacuum".to_owned(),
            "--protocol=prepared".to_owned(),
            format!("--client={}", self.clients),
            format!("--jobs={}", self.clients.min(2)),
            format!("--time={}", WARM_UP + 1),
            "--progress=1".to_owned(),
            "--define=fresh=1".to_owned(),
            format!("--file={}", self.script.path().display()),
        ];
        let told = self.schema.pgbench(&arguments)?;
        let rate = last_rate(&told).with_context(|| format!("pgbench tells no rate: {told}"))?;
        // It tells how long they took on average; what only ours shows need not be measured here.
        Ok(Round { count: rate as usize, elapsed: Duration::from_secs(1), latencies: Vec::new() })
    }
}

/// Of the last `progress: 3.0 s, 1234.5 tps, lat 0.4 ms stddev 0.1, 0 failed`.
fn last_rate(told: &str) -> Option<f64> {
    let line = told.lines().rfind(|line| line.starts_with("progress: "))?;
    line.split_whitespace().nth(3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_what_pgbench_tells_then_the_rate_of_its_last_second_is_found() {
        let told = "progress: 1.0 s, 1200.0 tps, lat 0.8 ms stddev 0.1, 0 failed\n\
                    progress: 2.0 s, 2513.25 tps, lat 0.4 ms stddev 0.1, 0 failed\ntps = 1856.0\n";
        assert_eq!(last_rate(told), Some(2513.25));
        assert_eq!(last_rate("pgbench: fatal"), None);
    }
}
