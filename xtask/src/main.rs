//! `cargo xtask`: the tasks of the workspace, the same by hand and in the checks.
//!
//! It calls other programs and depends on no crate of ours, so that it builds in seconds and works
//! when they don't. What it calls, it prints.

mod background;
mod bench;
mod interrupts;
mod lint;
mod migrate;
mod provision;
mod test;

use anyhow::{Context, Result};
use clap::Parser;
use std::path::{Path, PathBuf};
use xshell::{Shell, cmd};

/// The tasks of the workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Run the tests: all of them, or the suites that --only names.
    Test(test::Options),
    /// Check formatting, lints, docs, each crate and feature alone, source files, dependencies.
    Lint,
    /// Start, stop or show servers for tests, in the background.
    Services(background::Options),
    /// Measure each backplane against the bare limit of its engine.
    Bench(bench::Options),
    /// Migrate a database, by the `governance` command.
    Migrate(migrate::Options),
}

fn main() -> Result<()> {
    let task = Task::parse();
    let sh = Shell::new()?;
    match task {
        Task::Test(options) => test::run(&at_root(sh)?, &options),
        Task::Lint => lint::run(&at_root(sh)?),
        Task::Services(options) => background::run(&sh, &root(&sh)?, &options),
        // Stays where it was called too: what it measures is in temporary files.
        Task::Bench(options) => bench::run(&sh, &options),
        // Stays where it was called, for the sake of relative paths.
        Task::Migrate(options) => migrate::run(&sh, &options),
    }
}

/// The same shell in the workspace's root folder.
fn at_root(sh: Shell) -> Result<Shell> {
    sh.change_dir(root(&sh)?);
    Ok(sh)
}

/// The workspace's root folder.
fn root(sh: &Shell) -> Result<PathBuf> {
    let manifest = cmd!(sh, "cargo locate-project --workspace --message-format plain").quiet().read()?;
    let root = Path::new(&manifest).parent().context("the workspace has no root folder")?;
    Ok(root.to_owned())
}
