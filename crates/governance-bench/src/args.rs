//! What the command takes.

use crate::engine::Engine;
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Measure each backplane against the bare limit of its engine, in turn: A B B A.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench", version)]
pub(crate) struct Args {
    /// The engines to measure; all of them when none is named.
    #[arg(value_enum, value_name = "ENGINE")]
    engines: Vec<Engine>,
    /// One array with an object a row instead of tables.
    #[arg(long)]
    pub(crate) json: bool,
    /// Within a minute an engine: shorter rounds, and 100,000 records where it is else a million.
    #[arg(long)]
    pub(crate) quick: bool,
    /// How often each side is measured.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(3..=99))]
    pub(crate) rounds: Option<u32>,
    /// Only the workload of this name; or if there is none, those whose name holds this text.
    #[arg(long, value_name = "TEXT")]
    pub(crate) only: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Stream the one long history in this database and tell what it took. The benchmark runs
    /// itself like this, because only a fresh process can tell its own peak of memory.
    #[command(hide = true)]
    Stream { file: PathBuf },
}

impl Args {
    /// Each engine once, in the order it was named first.
    pub(crate) fn engines(&self) -> Vec<Engine> {
        let mut engines = Vec::new();
        let named = if self.engines.is_empty() { &Engine::ALL[..] } else { &self.engines };
        for engine in named {
            if !engines.contains(engine) {
                engines.push(*engine);
            }
        }
        engines
    }
}
