//! `cargo xtask bench`: builds the benchmark as it is released, and hands over to it.

use crate::interrupts::Interrupts;
use anyhow::{Result, anyhow};
use clap::Args;
use xshell::{Shell, cmd};

/// What the benchmark takes; `cargo xtask bench --help` shows it.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Options {
    /// Engines and options, handed on as they are.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
    rest: Vec<String>,
}

pub(crate) fn run(sh: &Shell, options: &Options) -> Result<()> {
    let rest = &options.rest;
    let bench = cmd!(sh, "cargo run --release --quiet --package governance-bench -- {rest...}");
    eprintln!("$ {bench}");
    // It has said itself what went wrong.
    Interrupts::catch()?.run(bench.quiet().into()).map_err(|_| anyhow!("the benchmark failed"))
}
