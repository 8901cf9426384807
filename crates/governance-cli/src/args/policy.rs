//! `governance evaluate`: which policies, and by what.

use super::actor::ActorArgs;
use super::telemetry::TelemetryArgs;
use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct EvaluateArgs {
    /// The experiment
    pub(crate) name: String,
    /// Only the policy of this name; without it, all that the configuration has
    #[arg(long, value_name = "NAME")]
    pub(crate) policy: Option<String>,
    #[command(flatten)]
    pub(crate) telemetry: TelemetryArgs,
    #[command(flatten)]
    pub(crate) actor: ActorArgs,
}
