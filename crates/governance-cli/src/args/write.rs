//! Commands that move an experiment.

use super::actor::ActorArgs;
use super::telemetry::TelemetryArgs;
use super::value::{LifecycleStateParser, value};
use clap::Args;
use governance_persistence::{CommitId, ETag, LifecycleState, VersionNumber};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct TransitionArgs {
    /// The experiment; one that was never saved counts as Draft, or as what the configuration says
    pub(crate) name: String,
    /// The lifecycle state it is to enter
    #[arg(value_parser = LifecycleStateParser)]
    pub(crate) to: LifecycleState,
    /// Why
    #[arg(long)]
    pub(crate) reason: Option<String>,
    /// Only if the current state has this ETag; without it, the one that the command finds
    #[arg(long, value_name = "ETAG", value_parser = value::<ETag>, conflicts_with = "if_absent")]
    pub(crate) if_match: Option<ETag>,
    /// Only if no state was ever saved
    #[arg(long)]
    pub(crate) if_absent: bool,
    /// Put this configuration version in effect, for a move to Approved, Running or Ramping; without
    /// it, what is approved takes effect, and stays
    #[arg(long, value_name = "N", value_parser = value::<VersionNumber>, conflicts_with = "configuration")]
    pub(crate) version: Option<VersionNumber>,
    /// Carry this configuration, a file of JSON or - for standard input; a changed one becomes the
    /// next version, if the configuration file says enableAutoVersioning
    #[arg(long, value_name = "FILE")]
    pub(crate) configuration: Option<PathBuf>,
    /// The id of the commit: repeating the command with it makes the move once
    #[arg(long, value_name = "ID", value_parser = value::<CommitId>)]
    pub(crate) commit_id: Option<CommitId>,
    #[command(flatten)]
    pub(crate) telemetry: TelemetryArgs,
    #[command(flatten)]
    pub(crate) actor: ActorArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RollbackArgs {
    /// The experiment
    pub(crate) name: String,
    /// The version to bring back
    #[arg(long, value_name = "N", value_parser = value::<VersionNumber>)]
    pub(crate) to: VersionNumber,
    /// Write the version, and leave the experiment where it is, with what is in effect
    #[arg(long)]
    pub(crate) stay: bool,
    /// Why
    #[arg(long)]
    pub(crate) reason: Option<String>,
    /// Only if the current state has this ETag; without it, the one that the command finds
    #[arg(long, value_name = "ETAG", value_parser = value::<ETag>)]
    pub(crate) if_match: Option<ETag>,
    /// The id of the commit: repeating the command with it rolls back once
    #[arg(long, value_name = "ID", value_parser = value::<CommitId>)]
    pub(crate) commit_id: Option<CommitId>,
    #[command(flatten)]
    pub(crate) telemetry: TelemetryArgs,
    #[command(flatten)]
    pub(crate) actor: ActorArgs,
}
