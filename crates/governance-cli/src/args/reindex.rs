//! `governance reindex`: whether to change anything.

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct ReindexArgs {
    /// Count what would be added and removed, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}
