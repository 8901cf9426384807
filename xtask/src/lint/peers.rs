//! The programs that the benchmark compares with: workspaces of their own, which checks of ours leave out.

use super::Report;
use std::path::PathBuf;
use xshell::{Shell, cmd};

const MANIFESTS: [&str; 1] = ["crates/governance-bench/postgres-es/Cargo.toml"];

/// Formatting and lints of each, as of the workspace.
pub(super) fn check(sh: &Shell, report: &mut Report) {
    // Where the benchmark builds them, too.
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let target = target.join("peers");
    for manifest in MANIFESTS {
        let format = cmd!(sh, "cargo fmt --manifest-path {manifest} --check");
        report.add(format!("formatting of {manifest}"), format.run());
        let clippy = cmd!(
            sh,
            "cargo clippy --locked --manifest-path {manifest} --target-dir {target} --all-targets -- -D warnings"
        );
        report.add(format!("clippy of {manifest}"), clippy.run());
    }
}
