//! A stream over one whole history: how fast it runs, and that it holds a page and no more.

use super::read::BareReader;
use super::statements::ALL_TRANSITIONS;
use super::{connect, read};
use crate::engine::histories::experiment;
use crate::measure::{Plan, Round, Row, Subject, Turn, alternate};
use crate::work::Read;
use anyhow::{Context, Result, ensure};
use futures_util::TryStreamExt;
use governance_persistence::{BackplaneExt, Consistency, HistoryQuery, RecordKind};
use governance_persistence_sql::Synchronous;
use rusqlite::params;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// How its row is called.
pub(crate) fn name(plan: &Plan) -> String {
    format!("stream of a history of {}", plan.many)
}

/// What the process that streams tells.
#[derive(Debug, Serialize, Deserialize)]
struct Streamed {
    records: usize,
    seconds: f64,
    peak_bytes: Option<u64>,
}

/// Streams all transitions of the history in this file, and tells on standard output.
pub(crate) fn stream_alone(runtime: &Runtime, file: &Path) -> Result<()> {
    let streamed = runtime.block_on(async {
        let backplane = connect(file, Synchronous::Full).await?;
        let query = HistoryQuery::new(RecordKind::Transition).page_size(1_000)?;
        let start = Instant::now();
        let key = experiment(1)?;
        let mut stream = backplane.history_stream(&key, query, Consistency::Strong);
        let mut records = 0;
        while stream.try_next().await?.is_some() {
            records += 1;
        }
        anyhow::Ok(Streamed { records, seconds: start.elapsed().as_secs_f64(), peak_bytes: peak() })
    })?;
    println!("{}", serde_json::to_string(&streamed)?);
    Ok(())
}

/// The most memory that this process ever held, in bytes, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kibibytes| kibibytes * 1_024)
}

/// Ours in a process of its own, against one bare statement over the same rows.
pub(super) fn row(engine: &'static str, file: &Path, plan: &Plan) -> Result<Row> {
    let bare = BareReader::open(file, &[experiment(1)?], Read::Head)?;
    let name = experiment(1)?.name().to_owned();
    let limit = || {
        let start = Instant::now();
        let records = bare.rows(ALL_TRANSITIONS, params!["seeded", "", name])?;
        Ok(whole(records, start.elapsed()))
    };
    let mut peak_bytes = None;
    let ours = || {
        let streamed = stream_in_child(file)?;
        peak_bytes = peak_bytes.max(streamed.peak_bytes);
        Ok(whole(streamed.records, Duration::from_secs_f64(streamed.seconds)))
    };
    let turns = alternate(plan.rounds, ours, limit)?;
    for Turn { ours, limit } in &turns {
        ensure!(ours.count == limit.count, "the stream gave {} records of {}", ours.count, limit.count);
    }
    let subject =
        Subject { engine, workload: self::name(plan), against: read::AGAINST.into(), concurrency: 1, target: None };
    Ok(Row { peak_bytes, ..Row::of(subject, turns) })
}

/// A whole stream is one operation to wait for, but its speed is that of its records.
fn whole(records: usize, elapsed: Duration) -> Round {
    let latency = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
    Round { count: records, elapsed, latencies: vec![latency] }
}

fn stream_in_child(file: &Path) -> Result<Streamed> {
    let program = std::env::current_exe().context("this program does not know its own path")?;
    let output = Command::new(program).arg("stream").arg(file).stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "the process that streams failed: {}", output.status);
    Ok(serde_json::from_slice(&output.stdout)?)
}
