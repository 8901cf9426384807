//! `governance version`: configuration versions.

use super::actor::ActorArgs;
use super::value::value;
use clap::{Args, Subcommand};
use governance_persistence::{CommitId, VersionNumber};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum VersionCommand {
    /// Append a configuration as the next version
    Put(VersionPutArgs),
    /// Show a version, by default the latest
    Show {
        /// The experiment
        name: String,
        /// The version
        #[arg(value_parser = value::<VersionNumber>)]
        number: Option<VersionNumber>,
    },
    /// List all versions
    List {
        /// The experiment
        name: String,
    },
    /// Show what changed between two versions; with --json, as a JSON Patch (RFC 6902)
    Diff {
        /// The experiment
        name: String,
        /// The version before
        #[arg(value_parser = value::<VersionNumber>)]
        before: VersionNumber,
        /// The version after
        #[arg(value_parser = value::<VersionNumber>)]
        after: VersionNumber,
    },
}

#[derive(Debug, Args)]
pub(crate) struct VersionPutArgs {
    /// The experiment
    pub(crate) name: String,
    /// A file of JSON, or - for standard input
    pub(crate) file: PathBuf,
    /// What changed, in words
    #[arg(long)]
    pub(crate) description: Option<String>,
    /// Only if this is still the latest version; 0: only if there is none
    #[arg(long, value_name = "N")]
    pub(crate) if_version: Option<u64>,
    /// The id of the commit: repeating the command with it writes the version once
    #[arg(long, value_name = "ID", value_parser = value::<CommitId>)]
    pub(crate) commit_id: Option<CommitId>,
    #[command(flatten)]
    pub(crate) actor: ActorArgs,
}
