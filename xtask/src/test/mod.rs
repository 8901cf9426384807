//! `cargo xtask test`: every test of the workspace, or the suites that were asked for.

mod provision;
mod suite;

use crate::on_path;
use anyhow::Result;
use clap::Args;
use suite::Suite;
use xshell::{Shell, cmd};

/// With it set, a test that lacks an engine or a program fails, where by hand it would be skipped.
const REQUIRE_ENGINES: &str = "GOVERNANCE_REQUIRE_ENGINES";

/// Which tests to run.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Install what the tests need and this machine lacks: with apt, as root.
    #[arg(long)]
    provision: bool,
    /// Run only this suite; may be given several times.
    #[arg(long, value_enum, value_name = "SUITE")]
    only: Vec<Suite>,
}

pub(crate) fn run(sh: &Shell, options: &Options) -> Result<()> {
    let everything = options.only.is_empty();
    let suites = if everything { Suite::ALL } else { &options.only };
    provision::provision(sh, &suite::programs(suites), options.provision)?;

    sh.set_var(REQUIRE_ENGINES, "1");
    let selection = if everything { suite::workspace() } else { suite::selection(suites) };
    if !selection.is_empty() {
        let runner: &[_] = if on_path("cargo-nextest") { &["nextest", "run"] } else { &["test"] };
        cmd!(sh, "cargo {runner...} --all-targets {selection...}").run()?;
    }
    if suites.contains(&Suite::Docs) {
        // Not nextest's business. The README's examples are among them.
        cmd!(sh, "cargo test --doc --workspace --all-features").run()?;
    }
    Ok(())
}
