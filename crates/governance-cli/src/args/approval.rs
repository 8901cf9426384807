//! Asking people about moves, and deciding.

use super::actor::ActorArgs;
use super::telemetry::TelemetryArgs;
use super::value::{LifecycleStateParser, value};
use clap::Args;
use governance_persistence::{CommitId, LifecycleState, RecordId, VersionNumber};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct RequestArgs {
    /// The experiment
    pub(crate) name: String,
    /// The lifecycle state that it is to enter
    #[arg(value_parser = LifecycleStateParser)]
    pub(crate) to: LifecycleState,
    /// Why
    #[arg(long)]
    pub(crate) reason: Option<String>,
    /// For a move that puts this version in effect: the same as of `transition`
    #[arg(long, value_name = "N", value_parser = value::<VersionNumber>, group = "about")]
    pub(crate) version: Option<VersionNumber>,
    /// For a move that carries this configuration: the same as of `transition`
    #[arg(long, value_name = "FILE", group = "about")]
    pub(crate) configuration: Option<PathBuf>,
    /// For a rollback to this version, which enters RolledBack: the --to of `rollback`
    #[arg(long, value_name = "N", value_parser = value::<VersionNumber>, group = "about")]
    pub(crate) restoring: Option<VersionNumber>,
    /// The id of the commit: repeating the command with it asks once
    #[arg(long, value_name = "ID", value_parser = value::<CommitId>)]
    pub(crate) commit_id: Option<CommitId>,
    #[command(flatten)]
    pub(crate) telemetry: TelemetryArgs,
    #[command(flatten)]
    pub(crate) actor: ActorArgs,
}

#[derive(Debug, Args)]
pub(crate) struct PendingArgs {
    /// The experiment; without it, all in the tenant and the environment, each of which is looked at
    pub(crate) name: Option<String>,
    /// Of every tenant, whatever --tenant says
    #[arg(long, conflicts_with = "name")]
    pub(crate) all_tenants: bool,
    /// Of every environment, whatever --environment says
    #[arg(long, conflicts_with = "name")]
    pub(crate) all_environments: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DecideArgs {
    /// The experiment
    pub(crate) name: String,
    /// The transition that people were asked about, as `request` and `pending` tell it; without it,
    /// the only one that waits
    #[arg(long, value_name = "ID", value_parser = value::<RecordId>)]
    pub(crate) transition: Option<RecordId>,
    /// The lifecycle state that the move is to enter, where several moves wait
    #[arg(long, value_name = "STATE", value_parser = LifecycleStateParser)]
    pub(crate) to: Option<LifecycleState>,
    /// The gate, where the request waits at several
    #[arg(long)]
    pub(crate) gate: Option<String>,
    /// Only if the request is about this configuration version, the one that was looked at
    #[arg(long, value_name = "N", value_parser = value::<VersionNumber>)]
    pub(crate) version: Option<VersionNumber>,
    /// Why
    #[arg(long)]
    pub(crate) reason: Option<String>,
    /// The id of the commit: repeating the command with it decides once
    #[arg(long, value_name = "ID", value_parser = value::<CommitId>)]
    pub(crate) commit_id: Option<CommitId>,
    #[command(flatten)]
    pub(crate) actor: ActorArgs,
}
