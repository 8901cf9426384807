//! What every command understands.

use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The configuration file that says where state is kept, and which gates and policies there are
    #[arg(
        long,
        global = true,
        env = "GOVERNANCE_CONFIG",
        hide_env_values = true,
        value_name = "FILE",
        // An empty path, too: a variable of the shell that is empty is one that is not set.
        value_parser = OsStringValueParser::new().map(PathBuf::from)
    )]
    config: Option<PathBuf>,
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

impl Global {
    /// The configuration file, if one is named.
    pub(crate) fn config(&self) -> Option<&Path> {
        self.config.as_deref().filter(|path| !path.as_os_str().is_empty())
    }
}
