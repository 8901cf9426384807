//! `cargo xtask test`: every test of the workspace, or the suites that were asked for.

mod suite;

use crate::background::tell_leftovers;
use crate::interrupts::Interrupts;
use crate::provision::provision;
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use suite::Suite;
use xshell::{Cmd, Shell, cmd};
use xtask::programs::find;
use xtask::services::{Running, Service};

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
    let suites = if everything { Suite::value_variants() } else { &options.only };
    // A server that somebody names is used, whatever it is.
    let is_set = |variable: &str| std::env::var_os(variable).is_some();
    let services = suite::services(suites, |service| is_set(service.url_variable()));
    let missing = suite::missing(suites, is_set);
    if !missing.is_empty() {
        bail!("a server is given by its URL, but not what its tests want beside: set {} too", missing.join(", "));
    }
    let mut interrupts = Interrupts::catch()?;
    provision(sh, &suite::programs(suites, &services), options.provision)?;

    interrupts.check()?;
    let servers = start(sh, &services)?;
    let outcome = run_suites(sh, &mut interrupts, suites, everything);
    drop(servers);
    // A test that was killed could not stop its own servers.
    outcome.and(tell_leftovers())
}

fn run_suites(sh: &Shell, interrupts: &mut Interrupts, suites: &[Suite], everything: bool) -> Result<()> {
    sh.set_var(REQUIRE_ENGINES, "1");
    let mut run = |command: Cmd<'_>| {
        eprintln!("$ {command}");
        interrupts.run(command.into()).context("the tests did not pass")
    };
    let selection = if everything { suite::workspace() } else { suite::selection(suites) };
    if !selection.is_empty() {
        let runner: &[_] = if find("cargo-nextest").is_some() { &["nextest", "run"] } else { &["test"] };
        run(cmd!(sh, "cargo {runner...} --all-targets {selection...}"))?;
    }
    if suites.contains(&Suite::Docs) {
        // Not nextest's business. The README's examples are among them.
        run(cmd!(sh, "cargo test --doc --workspace --all-features"))?;
    }
    Ok(())
}

/// Starts the servers, which run until they are dropped, and lets the tests know of them.
fn start(sh: &Shell, services: &[Service]) -> Result<Running> {
    tell_leftovers()?;
    let servers = Running::start(services)?;
    for (name, value) in servers.variables() {
        eprintln!("{name}={value}");
        sh.set_var(name, value);
    }
    Ok(servers)
}
