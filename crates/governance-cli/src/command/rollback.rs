//! `governance rollback`: an earlier configuration as a new version, and the move to RolledBack,
//! in one commit.

use super::transition::{check, expected};
use crate::args::RollbackArgs;
use crate::backplane::{known, of_commit};
use crate::failure::Failure;
use crate::output::{Output, Written};
use governance_persistence::{
    Backplane, Commit, ConfigurationDraft, Error, Expected, ExperimentKey, LifecycleState, StateChange, StateTransition,
};

pub(super) async fn run(
    backplane: &dyn Backplane,
    key: &ExperimentKey,
    args: &RollbackArgs,
    out: &mut Output,
) -> Result<(), Failure> {
    let actor = args.actor.name()?;
    let head = known(backplane, key).await?;
    let expected = expected(&head, args.if_match.map(Expected::Match))?;
    let from = head.state.as_ref().map_or(LifecycleState::Draft, |state| state.lifecycle_state);
    check(&head, from, LifecycleState::RolledBack)?;
    let restored = super::version::find(backplane, &head, Some(args.to)).await?.record;
    // There is a version, so there is a latest one.
    let latest = head.latest_version.unwrap_or(restored.number);
    let number = head.next_version().ok_or_else(|| Error::invalid("version", "is the last one", "at most 2^53 - 1"))?;

    let mut version = ConfigurationDraft::rollback(&restored, latest, &actor).in_state(from);
    let mut moved = StateTransition::new(from, LifecycleState::RolledBack, &actor);
    if let Some(reason) = &args.reason {
        version = version.with_description(reason);
        moved = moved.with_reason(reason);
    }
    let change = match &head.state {
        Some(state) => state.moved_to(LifecycleState::RolledBack, &actor),
        None => StateChange::to(LifecycleState::RolledBack).by(&actor),
    };
    let change = change.running_version(number);
    let commit = Commit::builder(key, expected).state(change).record(version.numbered(number)).record(moved).build()?;
    let receipt = of_commit(commit.id(), backplane.commit(&commit).await)?;
    let sentence =
        format!("{key} went back from version {latest} to what version {} had, as version {number}.", args.to);
    Ok(Written { receipt, state: commit.state(), records: commit.records() }.show(out, sentence)?)
}
