//! The command line: what may be said, and what each word means.

mod experiments;
mod global;
mod history;
mod migrate;
mod reindex;
mod transfer;
mod value;
mod version;
mod write;

pub(crate) use experiments::{ExperimentsArgs, NameArgs, VerifyArgs};
pub(crate) use global::Global;
pub(crate) use history::{HistoryArgs, LogArgs};
pub(crate) use migrate::{MigrateArgs, MigrateCommand};
pub(crate) use reindex::ReindexArgs;
pub(crate) use transfer::{CopyArgs, ExportArgs, ImportArgs, SelectionArgs};
pub(crate) use version::{VersionCommand, VersionPutArgs};
pub(crate) use write::{ApproveArgs, RollbackArgs, TransitionArgs};

use crate::{exit, output};
use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};

const AFTER_HELP: &str = "\
Exit codes:
  0  done
  1  failure: a move the lifecycle does not allow, verification found a problem, anything else
  2  usage or configuration: wrong arguments, an invalid request, a faulty file
  3  conflict: somebody else was first, an id came back with other content, or two histories differ
  4  not found: the experiment or version that was asked for by name
  5  unavailable: the store cannot be reached or is too busy; repeat the command

With --json, answers are JSON on standard output, and lists are arrays. What is wrong is told on
standard error, one JSON object a line: {\"error\":…,\"message\":…,\"help\":…} and, for a conflict,
\"head\": what is there now; warnings are {\"warning\":…,\"message\":…}.

Times are RFC 3339, UTC. An empty --tenant or --environment is the default one.";

/// See and change experiment governance: which state each experiment is in, who approved what,
/// which configuration it runs, and how to get back.
#[derive(Debug, Parser)]
#[command(name = "governance", version, after_help = AFTER_HELP, propagate_version = false, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Bring the database's schema up, down, or show where it stands
    Migrate(MigrateArgs),
    /// Repair the listing of experiments, where a store keeps one beside them: Redis
    Reindex(ReindexArgs),
    /// Walk a new checkout experiment through its life, and show its timeline
    Demo,
    /// Show where an experiment stands
    State(NameArgs),
    /// List experiments
    Experiments(ExperimentsArgs),
    /// Move an experiment to another lifecycle state
    Transition(TransitionArgs),
    /// Approve a move, or reject it, bound to the latest configuration
    Approve(ApproveArgs),
    /// Put, show, list and compare configuration versions
    #[command(subcommand)]
    Version(VersionCommand),
    /// Bring an earlier configuration back, and the experiment to RolledBack
    Rollback(RollbackArgs),
    /// Show an experiment's records
    History(HistoryArgs),
    /// Show an experiment's commits, as they were applied
    Log(LogArgs),
    /// Check that what is stored is what was committed
    Verify(VerifyArgs),
    /// Write whole histories as JSON Lines, one commit a line
    Export(ExportArgs),
    /// Apply what export wrote; what is there already stays, so it can be repeated
    Import(ImportArgs),
    /// Copy whole histories to another store, or what it lacks of them
    Copy(CopyArgs),
    /// Check configuration files
    Validate {
        /// YAML or JSON files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Print the JSON Schema of configuration files
    Schema,
}

/// Reads the command line. What is wrong with it, or `--help`, is printed at once.
pub(crate) fn parse() -> Result<Cli, ExitCode> {
    Cli::try_parse().map_err(|error| {
        // clap stopped before it could say whether JSON is wanted.
        let json = std::env::args_os().any(|arg| arg == "--json");
        if error.use_stderr() && json {
            let message = error.render().to_string();
            let message = message.strip_prefix("error: ").unwrap_or(&message).trim_end();
            output::error_line(&serde_json::json!({"error": "usage", "message": message}));
        } else {
            // A closed pipe is no reason to complain.
            let _ = error.print();
        }
        if error.use_stderr() { exit::Code::Usage.into() } else { exit::SUCCESS }
    })
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
