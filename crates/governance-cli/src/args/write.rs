//! Commands that move an experiment, or decide about a move.

use super::value::{LifecycleStateParser, value};
use crate::failure::Failure;
use clap::Args;
use governance_persistence::{CommitId, ETag, LifecycleState, RecordId, VersionNumber};

/// Who writes.
#[derive(Debug, Args)]
pub(crate) struct Actor {
    /// Who does it; without it, the user of this shell
    #[arg(long, env = "GOVERNANCE_ACTOR", hide_env_values = true)]
    actor: Option<String>,
}

impl Actor {
    /// The name to record.
    pub(crate) fn name(&self) -> Result<String, Failure> {
        let given = self.actor.clone().or_else(|| std::env::var("USER").ok());
        given.filter(|name| !name.is_empty()).ok_or_else(|| {
            Failure::usage("nobody is named as the one who does it", "say --actor NAME, or set GOVERNANCE_ACTOR")
        })
    }
}

#[derive(Debug, Args)]
pub(crate) struct TransitionArgs {
    /// The experiment; one that was never saved counts as Draft
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
    /// The id of the transition, which approvals for it name
    #[arg(long, value_name = "ID", value_parser = value::<RecordId>)]
    pub(crate) transition: Option<RecordId>,
    /// The id of the commit: repeating the command with it applies it once
    #[arg(long, value_name = "ID", value_parser = value::<CommitId>)]
    pub(crate) commit_id: Option<CommitId>,
    #[command(flatten)]
    pub(crate) actor: Actor,
}

#[derive(Debug, Args)]
pub(crate) struct ApproveArgs {
    /// The experiment
    pub(crate) name: String,
    /// The lifecycle state that the move is to enter
    #[arg(long, value_name = "STATE", value_parser = LifecycleStateParser)]
    pub(crate) to: LifecycleState,
    /// The configuration version that was looked at; without it, the latest
    #[arg(long, value_name = "N", value_parser = value::<VersionNumber>)]
    pub(crate) version: Option<VersionNumber>,
    /// The transition that this is about, whose id goes to `transition --transition`; without it, a
    /// new id
    #[arg(long, value_name = "ID", value_parser = value::<RecordId>)]
    pub(crate) transition: Option<RecordId>,
    /// Reject it
    #[arg(long)]
    pub(crate) reject: bool,
    /// The gate that asked
    #[arg(long)]
    pub(crate) gate: Option<String>,
    /// Why
    #[arg(long)]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) actor: Actor,
}

#[derive(Debug, Args)]
pub(crate) struct RollbackArgs {
    /// The experiment
    pub(crate) name: String,
    /// The version to bring back
    #[arg(long, value_name = "N", value_parser = value::<VersionNumber>)]
    pub(crate) to: VersionNumber,
    /// Why
    #[arg(long)]
    pub(crate) reason: Option<String>,
    /// Only if the current state has this ETag; without it, the one that the command finds
    #[arg(long, value_name = "ETAG", value_parser = value::<ETag>)]
    pub(crate) if_match: Option<ETag>,
    #[command(flatten)]
    pub(crate) actor: Actor,
}
