//! `cargo xtask bench`: each backplane against the bare limit of its own engine, in turn.
//!
//! What counts is the ratio within a run. The figures of two machines, or of two runs on a shared
//! one, cannot be compared with each other.

mod args;
mod engine;
mod interrupts;
mod measure;
mod report;
mod work;

use anyhow::{Context, Result};
use args::{Args, Command};
use clap::Parser;
use measure::{Plan, Row};

fn main() -> Result<()> {
    let args = Args::parse();
    let runtime = tokio::runtime::Runtime::new().context("the runtime cannot be started")?;
    if let Some(Command::Stream { file }) = &args.command {
        return engine::stream_alone(&runtime, file);
    }
    interrupts::stop_servers_first()?;
    let plan = Plan::of(&args);
    let mut rows: Vec<Row> = Vec::new();
    for engine in args.engines() {
        rows.extend(engine.run(&runtime, &plan)?);
    }
    let text = args.only.as_deref().unwrap_or_default();
    anyhow::ensure!(
        !rows.is_empty(),
        "--only: no workload's name holds {text:?}; commit, read, transition, growth and stream are in some"
    );
    if args.json { report::json(&rows) } else { report::table(&rows) }
}
