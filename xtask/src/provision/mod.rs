//! The programs that tests and their servers need: found, installed, or named in an error.

mod packages;

use anyhow::{Result, bail};
use xshell::{Shell, cmd};
use xtask::programs::{Program, find};

/// The C compiler.
pub(crate) const CC: Program =
    Program { command: "cc", packages: &["gcc", "libc6-dev"], purpose: "compiles SQLite, which is built in" };

/// SQLite's own shell.
pub(crate) const SQLITE3: Program =
    Program { command: "sqlite3", packages: &["sqlite3"], purpose: "changes a database behind our back" };

/// Makes sure that all `programs` are there. What is missing is installed if that was asked for.
pub(crate) fn provision(sh: &Shell, programs: &[Program], install: bool) -> Result<()> {
    let missing = look_for(programs);
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().flat_map(|program| program.packages).copied().collect();
    let names = packages.join(" ");
    if !install {
        bail!("install these packages, or run with --provision: {names}");
    }
    if find("apt-get").is_none() {
        bail!("there is no apt-get here; install what gives the missing programs (on Debian: {names})");
    }
    if cmd!(sh, "id -u").quiet().read()? != "0" {
        bail!("only root can install packages; have these installed: {names}");
    }
    packages::install(sh, &packages)?;
    if !look_for(&missing).is_empty() {
        bail!("something is still missing after installing {names}");
    }
    Ok(())
}

/// Says of each program whether it is there, and returns those that are not.
fn look_for(programs: &[Program]) -> Vec<Program> {
    let mut missing = Vec::new();
    for program in programs {
        let verdict = if program.is_there() { "found" } else { "missing" };
        eprintln!("{verdict}: {} ({})", program.command, program.purpose);
        if !program.is_there() {
            missing.push(*program);
        }
    }
    missing
}
