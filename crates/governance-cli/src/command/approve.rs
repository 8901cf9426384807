//! `governance approve`: a decision about a move, bound to the configuration that it is about.

use crate::args::ApproveArgs;
use crate::backplane::{known, of_commit};
use crate::failure::Failure;
use crate::output::{Output, Written};
use governance_persistence::{
    ApprovalRecord, Backplane, BackplaneExt, Commit, Decision, Expected, ExperimentKey, LifecycleState, RecordId,
};

pub(super) async fn run(
    backplane: &dyn Backplane,
    key: &ExperimentKey,
    args: &ApproveArgs,
    out: &mut Output,
) -> Result<(), Failure> {
    let actor = args.actor.name()?;
    let head = known(backplane, key).await?;
    let about = match args.version {
        Some(_) => Some(super::version::find(backplane, &head, args.version).await?.record),
        None => backplane.get_latest_configuration_version(key).await?.map(|latest| latest.record),
    };
    let decision = if args.reject { Decision::Rejected } else { Decision::Approved };
    let transition = args.transition.unwrap_or_else(RecordId::new);
    let mut approval = ApprovalRecord::decide(transition, args.to, decision, actor);
    let from = head.state.as_ref().map_or(LifecycleState::Draft, |state| state.lifecycle_state);
    // A decision may come before the experiment is where the move begins.
    if from.successors().contains(&args.to) {
        approval = approval.leaving(from);
    }
    if let Some(about) = &about {
        approval = approval.about(about.reference());
    }
    if let Some(gate) = &args.gate {
        approval = approval.with_gate(gate);
    }
    if let Some(reason) = &args.reason {
        approval = approval.with_reason(reason);
    }
    // Decisions of several people do not exclude each other.
    let commit = Commit::builder(key, Expected::Any).record(approval).build()?;
    let receipt = of_commit(commit.id(), backplane.commit(&commit).await)?;
    let about = match &about {
        Some(about) => format!("It is about version {}, hash {}.", about.number, about.hash),
        None => "There is no configuration version that it could be about.".to_owned(),
    };
    let sentence = format!("{decision}: {key} to {}, transition {transition}. {about}", args.to);
    Ok(Written { receipt, state: None, records: commit.records() }.show(out, sentence)?)
}
