//! What every command understands.

use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The configuration file that says where state is kept
    #[arg(long, global = true, env = "GOVERNANCE_CONFIG", hide_env_values = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The tenant; without it, the default tenant
    #[arg(long, global = true, env = "GOVERNANCE_TENANT", hide_env_values = true)]
    pub(crate) tenant: Option<String>,
    /// The environment; without it, the default environment
    #[arg(long, global = true, env = "GOVERNANCE_ENVIRONMENT", hide_env_values = true)]
    pub(crate) environment: Option<String>,
    /// Answer in JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}
