//! The command line: what may be said, and what each word means.

mod actor;
mod approval;
mod experiments;
mod global;
mod history;
mod migrate;
mod policy;
mod reindex;
mod telemetry;
mod transfer;
mod value;
mod version;
mod write;

pub(crate) use approval::{DecideArgs, PendingArgs, RequestArgs};
pub(crate) use experiments::{ExperimentsArgs, NameArgs, VerifyArgs};
pub(crate) use global::Global;
pub(crate) use history::{HistoryArgs, LogArgs};
pub(crate) use migrate::{MigrateArgs, MigrateCommand};
pub(crate) use policy::{EvaluateArgs, PoliciesArgs};
pub(crate) use reindex::ReindexArgs;
pub(crate) use transfer::{CopyArgs, ExportArgs, ImportArgs, SelectionArgs};
pub(crate) use version::{VersionCommand, VersionPutArgs};
pub(crate) use write::{RollbackArgs, TransitionArgs};

use crate::{exit, output};
use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};

const AFTER_HELP: &str = "\
Exit codes:
  0  done
  1  failure: a move the lifecycle does not have, verification found a problem, anything else
  2  usage or configuration: wrong arguments, an invalid request, a faulty file
  3  conflict: somebody else was first, an id came back with other content, or two histories differ
  4  not found: the experiment or version that was asked for by name
  5  unavailable: the store cannot be reached or is too busy; repeat the command
  6  refused: gates or policies stand against it, which is recorded; each objection says what to do

With --json, answers are JSON on standard output, and lists are arrays. What is wrong is told on
standard error, one JSON object a line: {\"error\":…,\"message\":…,\"help\":…} and, for a conflict,
\"head\": what is there now; warnings are {\"warning\":…,\"message\":…}.

Moves and decisions go through the gates and the policies of the configuration file. Only import
and copy, which bring what was judged elsewhere, and demo, which has rules of its own, pass none of
them. The command trusts its operator: --actor and --role are believed, so whoever may run it may
be anybody.

Times are RFC 3339, UTC. An empty --tenant or --environment is the default one; any other variable
that is empty counts as one that is not set.";

const TRANSITION_EXAMPLES: &str = "\
Examples:
  governance transition checkout PendingApproval --reason 'ready for review'
  governance transition checkout Running --role operator --traffic 5
  governance transition checkout Ramping --version 2 --telemetry measured.json

Units: --traffic is percent of all traffic, --error-rate a share from 0 to 1.";

const REQUEST_EXAMPLES: &str = "\
Examples:
  governance request checkout Approved --reason 'ready for a tenth of the traffic'
  governance request checkout Ramping --version 2
  governance request checkout RolledBack --restoring 1";

const DECIDE_EXAMPLES: &str = "\
Examples:
  governance approve checkout --actor bob --version 1 --reason 'the numbers look right'
  governance approve checkout --actor carol --gate security --transition ID

Each person decides once a gate. One rejection closes a request.";

const EVALUATE_EXAMPLES: &str = "\
Examples:
  governance evaluate checkout --actor monitor --error-rate 0.081
  governance evaluate checkout --policy trafficLimit --traffic 25
  measure | governance evaluate checkout --telemetry -

Units: --traffic is percent of all traffic, --error-rate a share from 0 to 1. The exit code is 6 if a
critical policy is not complied with.";

const POLICIES_EXAMPLES: &str = "\
Examples:
  governance policies checkout
  governance policies checkout --disable errorRate --actor erin --reason 'measured elsewhere now'";

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
    /// Walk a new checkout experiment through its life, by gates and policies of the demo's own, and show its timeline;
    /// without a configuration in an SQLite file, governance.db
    ///
    /// Like import and copy, it passes no gate of the configuration file. Its experiment is a new one with a random
    /// name, in the tenant and the environment that are named, and ends in RolledBack. While the demo plays, the
    /// experiment is live for a moment, and counts for a policy such as conflictPrevention.
    Demo,
    /// Show where an experiment stands
    State(NameArgs),
    /// List experiments
    Experiments(ExperimentsArgs),
    /// Move an experiment to another lifecycle state, through its gates and policies
    #[command(after_help = TRANSITION_EXAMPLES)]
    Transition(TransitionArgs),
    /// Ask people to approve a move, bound to exactly the configuration that it is about
    #[command(after_help = REQUEST_EXAMPLES)]
    Request(RequestArgs),
    /// List what people were asked and have not decided
    Pending(PendingArgs),
    /// Approve what people were asked about
    #[command(after_help = DECIDE_EXAMPLES)]
    Approve(DecideArgs),
    /// Reject what people were asked about
    Reject(DecideArgs),
    /// Evaluate policies, and record what they find
    #[command(after_help = EVALUATE_EXAMPLES)]
    Evaluate(EvaluateArgs),
    /// List an experiment's policies, and what each found last, or switch one off that nobody evaluates any more
    #[command(after_help = POLICIES_EXAMPLES)]
    Policies(PoliciesArgs),
    /// Put, show, list and compare configuration versions
    #[command(subcommand)]
    Version(VersionCommand),
    /// Bring an earlier configuration back, and the experiment to RolledBack, through its gates
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
