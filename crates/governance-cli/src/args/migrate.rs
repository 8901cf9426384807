//! `governance migrate`: what to do with the schema.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    /// The database, instead of the one in --config. A password does not belong on a command line:
    /// without both, GOVERNANCE_DB_URL says which database it is
    #[arg(long, global = true)]
    pub(crate) url: Option<String>,
    /// Print the SQL and change nothing; by itself, that of `up`
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    #[command(subcommand)]
    pub(crate) command: Option<MigrateCommand>,
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum MigrateCommand {
    /// Apply the migrations that are missing
    Up {
        /// At most this many
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        steps: Option<u32>,
    },
    /// Revert the latest migrations, which drops what is stored in their tables
    Down {
        /// How many
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
        /// Yes, drop the data
        #[arg(long)]
        yes: bool,
    },
    /// Show which migrations are applied
    Status,
}
