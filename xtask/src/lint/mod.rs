//! `cargo xtask lint`: every check that needs no test run. All run; the failures are told at the end.

mod features;
mod peers;
mod sources;

use anyhow::{Result, bail};
use xshell::{Shell, cmd};
use xtask::programs::find;

pub(crate) fn run(sh: &Shell) -> Result<()> {
    let mut report = Report::default();
    report.add("source files", sources::check(sh));
    report.add("formatting", cmd!(sh, "cargo fmt --all --check").run());
    report.add("clippy", cmd!(sh, "cargo clippy --workspace --all-targets --all-features -- -D warnings").run());
    let doc = cmd!(sh, "cargo doc --workspace --all-features --no-deps").env("RUSTDOCFLAGS", "-D warnings");
    report.add("docs", doc.run());
    features::check_each_alone(sh, &mut report)?;
    peers::check(sh, &mut report);
    if find("cargo-deny").is_some() {
        report.add("dependencies", cmd!(sh, "cargo deny check bans licenses sources").run());
    } else {
        eprintln!("cargo-deny is not installed: bans, licences and sources of dependencies are not checked");
    }
    report.verdict()
}

/// What failed so far.
#[derive(Debug, Default)]
struct Report(Vec<String>);

impl Report {
    fn add<E: Into<anyhow::Error>>(&mut self, check: impl Into<String>, outcome: Result<(), E>) {
        if let Err(error) = outcome {
            let check = check.into();
            eprintln!("{check}: {:#}", error.into());
            self.0.push(check);
        }
    }

    fn verdict(self) -> Result<()> {
        if !self.0.is_empty() {
            bail!("{} failed: {}", if self.0.len() == 1 { "one check" } else { "checks" }, self.0.join(", "));
        }
        eprintln!("all checks passed");
        Ok(())
    }
}
