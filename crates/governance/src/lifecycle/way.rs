//! The way to live, which of its moves lie behind an experiment, and which configuration went it. One
//! that takes effect and did not has to pass there first.

use super::subject::{find, find_latest};
use crate::setup::Setup;
use crate::{LifecycleTable, Result, approvals};
use governance_persistence::{ConfigurationVersion, Head, LifecycleState, LookUp, Recorded, VersionNumber};

/// How far on its way to live a state is; none for a state beside the way.
fn stage(state: LifecycleState) -> Option<u8> {
    match state {
        LifecycleState::Draft => Some(0),
        LifecycleState::PendingApproval => Some(1),
        LifecycleState::Approved => Some(APPROVED),
        LifecycleState::Running | LifecycleState::Ramping => Some(LIVE),
        _ => None,
    }
}

/// From here on a configuration is in effect.
const APPROVED: u8 = 2;
/// The end of the way. An experiment beside it may have been there.
const LIVE: u8 = 3;

/// Does something guard a move of the way that lies behind an experiment in `state`? A move into
/// Approved is one wherever it comes from: some lifecycles have shorter ways.
pub(super) fn guards_behind(
    table: &LifecycleTable,
    state: LifecycleState,
    guards: impl Fn(LifecycleState, LifecycleState) -> bool,
) -> bool {
    let reached = stage(state).unwrap_or(LIVE);
    let lies_behind = |from, to| {
        let leads_on = to == LifecycleState::Approved || stage(from).is_some_and(|from| Some(from) < stage(to));
        leads_on && stage(to).is_some_and(|to| to <= reached)
    };
    let all = LifecycleState::ALL.into_iter();
    let mut moves = all.flat_map(|from| table.successors(from).into_iter().map(move |to| (from, to)));
    moves.any(|(from, to)| lies_behind(from, to) && guards(from, to))
}

/// Is something asked about this move: because it guards it, or perhaps because it guards the way behind the
/// experiment?
pub(crate) fn may_guard(
    table: &LifecycleTable,
    (from, to): (LifecycleState, LifecycleState),
    guards: impl Fn(LifecycleState, LifecycleState) -> bool,
) -> bool {
    guards(from, to) || takes_effect(to) && guards_behind(table, from, guards)
}

/// Does a move into this state put a configuration in effect?
fn takes_effect(to: LifecycleState) -> bool {
    stage(to).is_some_and(|to| to >= APPROVED)
}

/// Does a move put this version in effect that did not pass the gates and policies behind the
/// experiment?
pub(super) async fn is_new_to(
    setup: &Setup,
    head: &Head,
    (from, to): (LifecycleState, LifecycleState),
    wanted: Option<VersionNumber>,
    latest: Option<&Recorded<ConfigurationVersion>>,
) -> Result<bool> {
    let is_guarded = setup.gates.iter().any(|gate| guards_behind(&setup.table, from, |from, to| gate.guards(from, to)))
        || setup.policies.iter().any(|policy| guards_behind(&setup.table, from, |from, to| policy.guards(from, to)));
    if !takes_effect(to) || !is_guarded {
        return Ok(false);
    }
    let in_effect = head.state.as_ref().and_then(|state| state.configuration_version);
    Ok(match from {
        LifecycleState::PendingApproval => !was_submitted(setup, head, wanted, latest).await?,
        LifecycleState::Approved | LifecycleState::Running | LifecycleState::Ramping | LifecycleState::Paused => {
            wanted != in_effect
        }
        // A rollback puts in effect what it restores, and what was rejected or archived may never have
        // been approved.
        _ => true,
    })
}

/// Was it the latest version when the experiment entered its state? A submission is about that one.
async fn was_submitted(
    setup: &Setup,
    head: &Head,
    wanted: Option<VersionNumber>,
    latest: Option<&Recorded<ConfigurationVersion>>,
) -> Result<bool> {
    let Some(wanted) = wanted else {
        return Ok(true); // nothing takes effect
    };
    let found;
    let latest = match latest {
        Some(latest) => latest,
        None => match find_latest(setup, head).await? {
            Some(latest) => {
                found = latest;
                &found
            }
            None => return Ok(false), // it is the first one, and comes with the move
        },
    };
    let (since, _) = approvals::entered(setup, head).await?;
    if latest.record.number <= wanted {
        return Ok(latest.record.number == wanted && latest.place.sequence <= since);
    }
    // There are later ones, of which the next was the first.
    let was_there = async |number| -> Result<bool> {
        Ok(find(setup, head, LookUp::Version(number)).await?.is_some_and(|version| version.place.sequence <= since))
    };
    Ok(was_there(wanted).await?
        && match wanted.next() {
            Some(next) => !was_there(next).await?,
            None => true,
        })
}
