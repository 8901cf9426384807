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
    /// How many transactions each client has run in the rounds before, and before the first.
    done: usize,
}

impl Pgbench {
    pub(super) fn commits(schema: Schema, kind: Kind, clients: usize) -> Result<Self> {
        let share = kind.experiments(clients) / clients;
        Self::new(schema, &script::commit(kind, share), clients, share)
    }

    pub(super) fn reads(schema: Schema, read: Read, clients: usize) -> Result<Self> {
        Self::new(schema, &script::read(read), clients, 0)
    }

    fn new(schema: Schema, text: &str, clients: usize, done: usize) -> Result<Self> {
        let mut script = NamedTempFile::new().context("there is no place for temporary files")?;
        script.write_all(text.as_bytes())?;
        Ok(Self { schema, script, clients, done })
    }
}

impl Contender for Pgbench {
    /// What it takes to connect is not part of the rate that it tells.
    fn round(&mut self, count: usize) -> Result<Round> {
        let share = count.div_ceil(self.clients).max(1);
        let arguments = [
            "--no-vacuum".to_owned(),
            "--protocol=prepared".to_owned(),
            format!("--client={}", self.clients),
            format!("--jobs={}", self.clients.min(2)),
            format!("--transactions={share}"),
            format!("--define=done={}", self.done),
            format!("--file={}", self.script.path().display()),
        ];
        let told = self.schema.pgbench(&arguments)?;
        self.done += share;
        let rate = rate(&told).with_context(|| format!("pgbench tells no rate: {told}"))?;
        let count = share * self.clients;
        // It tells how long they took on average; what only ours shows need not be measured here.
        Ok(Round { count, elapsed: Duration::from_secs_f64(count as f64 / rate), latencies: Vec::new() })
    }
}

/// Of `tps = 1234.5 (without initial connection time)`.
fn rate(told: &str) -> Option<f64> {
    let line = told.lines().find(|line| line.starts_with("tps = "))?;
    line.split_whitespace().nth(2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_what_pgbench_tells_then_its_rate_is_found() {
        let told = "number of failed transactions: 0 (0.000%)\nlatency average = 0.4 ms\n\
                    tps = 2513.250000 (without initial connection time)\n";
        assert_eq!(rate(told), Some(2513.25));
        assert_eq!(rate("pgbench: fatal"), None);
    }
}
