//! Naming experiments: one, a filtered list, or all.

use super::value::LifecycleStateParser;
use clap::Args;
use governance_persistence::LifecycleState;

#[derive(Debug, Args)]
pub(crate) struct NameArgs {
    /// The experiment
    pub(crate) name: String,
}

#[derive(Debug, Args)]
pub(crate) struct ExperimentsArgs {
    /// Only those in this lifecycle state
    #[arg(long, value_parser = LifecycleStateParser)]
    pub(crate) state: Option<LifecycleState>,
    /// Of every tenant, whatever --tenant says
    #[arg(long)]
    pub(crate) all_tenants: bool,
    /// Of every environment, whatever --environment says
    #[arg(long)]
    pub(crate) all_environments: bool,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct VerifyArgs {
    /// The experiment
    pub(crate) name: Option<String>,
    /// Every experiment of every tenant and environment
    #[arg(long)]
    pub(crate) all: bool,
}
