//! The programs that tests need: found, installed, or named in an error.

use crate::on_path;
use anyhow::{Result, bail};
use xshell::{Shell, cmd};

/// A program, and how to get it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Program {
    /// The command, as it is called.
    command: &'static str,
    /// The Debian packages that bring it.
    packages: &'static [&'static str],
    purpose: &'static str,
}

/// The C compiler.
pub(super) const CC: Program =
    Program { command: "cc", packages: &["gcc", "libc6-dev"], purpose: "compiles SQLite, which is built in" };

/// SQLite's own shell.
pub(super) const SQLITE3: Program =
    Program { command: "sqlite3", packages: &["sqlite3"], purpose: "changes a database behind our back" };

/// Makes sure that all `programs` are there. What is missing is installed if that was asked for.
pub(super) fn provision(sh: &Shell, programs: &[Program], install: bool) -> Result<()> {
    let missing = look_for(programs);
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().flat_map(|program| program.packages).copied().collect();
    let names = packages.join(" ");
    if !install {
        bail!("install these packages, or run with --provision: {names}");
    }
    if !on_path("apt-get") {
        bail!("there is no apt-get here; install what gives the missing programs (on Debian: {names})");
    }
    if cmd!(sh, "id -u").quiet().read()? != "0" {
        bail!("only root can install packages; have these installed: {names}");
    }
    let _unattended = sh.push_env("DEBIAN_FRONTEND", "noninteractive");
    // Another apt may be at work, as on a machine that has just started.
    let wait = ["-o", "DPkg::Lock::Timeout=120"];
    cmd!(sh, "apt-get {wait...} --quiet update").run()?;
    cmd!(sh, "apt-get {wait...} --quiet --yes --no-install-recommends install {packages...}").run()?;
    if !look_for(&missing).is_empty() {
        bail!("something is still missing after installing {names}");
    }
    Ok(())
}

/// Says of each program whether it is there, and returns those that are not.
fn look_for(programs: &[Program]) -> Vec<Program> {
    let mut missing = Vec::new();
    for program in programs {
        let found = on_path(program.command);
        let verdict = if found { "found" } else { "missing" };
        eprintln!("{verdict}: {} ({})", program.command, program.purpose);
        if !found {
            missing.push(*program);
        }
    }
    missing
}
