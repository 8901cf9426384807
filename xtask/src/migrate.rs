//! `cargo xtask migrate`: hands over to the `governance` command, which knows the databases.

use anyhow::{Result, anyhow};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use xshell::{Shell, cmd};

/// Which way, and on which database.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// What to do.
    #[arg(value_enum, default_value_t)]
    action: Action,
    /// The governance configuration that names the database.
    #[arg(long, value_name = "FILE", conflicts_with = "url")]
    config: Option<PathBuf>,
    /// The database. When neither --config nor --url is given, DATABASE_URL is; a password belongs there.
    #[arg(long)]
    url: Option<String>,
    /// What else the command takes: --dry-run, or --steps N --yes for down.
    #[arg(last = true)]
    rest: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Action {
    /// Apply the migrations that are missing.
    #[default]
    Up,
    /// Take the latest migrations back.
    Down,
    /// Show which migrations were applied.
    Status,
}

impl Action {
    fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Status => "status",
        }
    }
}

pub(crate) fn run(sh: &Shell, options: &Options) -> Result<()> {
    let action = options.action.as_str();
    let rest = &options.rest;
    let governance = cmd!(sh, "cargo run --quiet --package governance-cli --");
    let governance = match (&options.config, url(options)) {
        (Some(file), _) => governance.arg("--config").arg(file),
        // Everybody on the machine may read a command line. The command asks for the variable last.
        (None, Some(url)) => governance.env("GOVERNANCE_DB_URL", url).env_remove("GOVERNANCE_CONFIG"),
        // The command says what it misses.
        (None, None) => governance,
    };
    let governance = governance.args(["migrate", action]);
    let shown = format!("governance migrate {action} {}", rest.join(" "));
    let shown = shown.trim_end();
    eprintln!("$ {shown}");
    // A URL may hold a password: neither the command line nor its failure may show it.
    governance.args(rest).quiet().secret().run().map_err(|_| anyhow!("{shown}: failed"))
}

fn url(options: &Options) -> Option<String> {
    options.url.clone().or_else(|| std::env::var("DATABASE_URL").ok())
}
