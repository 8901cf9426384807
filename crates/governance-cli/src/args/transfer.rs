//! Moving whole histories: `governance export`, `import` and `copy`.

use clap::Args;
use std::path::PathBuf;

/// Which experiments; all in the tenant and the environment, if nothing else is said.
#[derive(Debug, Args)]
pub(crate) struct SelectionArgs {
    /// The experiment; without it, all in the tenant and the environment
    pub(crate) name: Option<String>,
    /// Every experiment of every tenant and environment
    #[arg(long, conflicts_with_all = ["name", "all_tenants", "all_environments"])]
    pub(crate) all: bool,
    /// Of every tenant, whatever --tenant says
    #[arg(long, conflicts_with = "name")]
    pub(crate) all_tenants: bool,
    /// Of every environment, whatever --environment says
    #[arg(long, conflicts_with = "name")]
    pub(crate) all_environments: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    /// The file, which must not exist, or - for standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    pub(crate) output: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// A file that `export` wrote, or - for standard input
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct CopyArgs {
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    /// The configuration file of the store to copy to
    #[arg(long, value_name = "FILE")]
    pub(crate) to: PathBuf,
}
