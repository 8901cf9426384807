//! `governance evaluate` and `governance policies`: which policies, and by what.

use super::actor::ActorArgs;
use super::telemetry::TelemetryArgs;
use super::value::value;
use clap::Args;
use governance_persistence::CommitId;

#[derive(Debug, Args)]
pub(crate) struct EvaluateArgs {
    /// The experiment
    pub(crate) name: String,
    /// Only the policy of this name; without it, all that the configuration has
    #[arg(long, value_name = "NAME")]
    pub(crate) policy: Option<String>,
    /// The id of the commit: repeating the command with it evaluates once
    #[arg(long, value_name = "ID", value_parser = value::<CommitId>)]
    pub(crate) commit_id: Option<CommitId>,
    #[command(flatten)]
    pub(crate) telemetry: TelemetryArgs,
    #[command(flatten)]
    pub(crate) actor: ActorArgs,
}

#[derive(Debug, Args)]
pub(crate) struct PoliciesArgs {
    /// The experiment
    pub(crate) name: String,
    /// Switch this policy off for the experiment, as a new version of its definition. It must not be one of the
    /// configuration: that is taken out there
    #[arg(long, value_name = "NAME")]
    pub(crate) disable: Option<String>,
    /// Why it is switched off
    #[arg(long, requires = "disable")]
    pub(crate) reason: Option<String>,
    /// The id of the commit: repeating the command with it switches the policy off once
    #[arg(long, value_name = "ID", value_parser = value::<CommitId>, requires = "disable")]
    pub(crate) commit_id: Option<CommitId>,
    #[command(flatten)]
    pub(crate) actor: ActorArgs,
}
