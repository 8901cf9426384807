//! Everything that mallory can do, in any order, behind one barrier on the way to live: what passed it may go on,
//! and nothing else gets into effect.

use crate::backplanes::in_memory;
use crate::world::{brought_to, configured, key, on, traffic_of};
use governance::{
    ErrorRate, Governance, GovernanceBuilder, ManualGate, Moves, NewVersion, Quorum, RoleBasedGate, RollbackRequest,
    SelfApproval, TrafficLimit, TransitionRequest, Versioning,
};
use governance_persistence::{
    Consistency,
    LifecycleState::{self, Approved, Draft, PendingApproval, Ramping, Running},
    VersionNumber,
};
use std::collections::{BTreeSet, VecDeque};

/// One thing that mallory does.
#[derive(Clone, Copy, Debug)]
enum Step {
    Writes,
    Moves(LifecycleState),
    MovesNaming(LifecycleState, u64),
    MovesCarrying(LifecycleState),
    GoesBack,
    GoesBackAndMoves,
}

/// As many versions as tell one history from another.
const MOST_VERSIONS: u64 = 3;

impl Step {
    /// All that she can do in this state.
    fn all(state: LifecycleState) -> Vec<Self> {
        let mut steps = vec![Self::Writes, Self::GoesBack, Self::GoesBackAndMoves];
        for to in state.successors() {
            steps.extend([Self::Moves(*to), Self::MovesCarrying(*to)]);
            steps.extend((1..=MOST_VERSIONS).map(|number| Self::MovesNaming(*to, number)));
        }
        steps
    }

    /// Is it a move into this state?
    fn is_into(self, state: LifecycleState) -> bool {
        matches!(self, Self::Moves(to) | Self::MovesNaming(to, _) | Self::MovesCarrying(to) if to == state)
    }

    /// She does it, whatever she is told.
    async fn take(self, governance: &Governance) {
        let first = VersionNumber::FIRST;
        let transition = |to| TransitionRequest::to(to, "mallory");
        let request = match self {
            Self::Writes => {
                let _ = governance.versions().create(&key(), &NewVersion::of(traffic_of(99), "mallory")).await;
                return;
            }
            Self::GoesBack => {
                let _ = governance.versions().rollback(&key(), &RollbackRequest::to(first, "mallory")).await;
                return;
            }
            Self::GoesBackAndMoves => {
                let back = RollbackRequest::to(first, "mallory").moving_to_rolled_back();
                let _ = governance.versions().rollback(&key(), &back).await;
                return;
            }
            Self::Moves(to) => transition(to),
            Self::MovesNaming(to, number) => transition(to).version(VersionNumber::new(number).unwrap()),
            Self::MovesCarrying(to) => transition(to).configuration(traffic_of(98)),
        };
        let _ = governance.lifecycle().transition(&key(), &request).await;
    }
}

/// Where an experiment is, as far as it matters to what can be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Standing {
    state: LifecycleState,
    in_effect: Option<u64>,
    latest: Option<u64>,
    /// Was the latest version written since the state was entered?
    is_edited: bool,
}

async fn standing(governance: &Governance) -> Standing {
    let standing = governance.lifecycle().state(&key()).await.unwrap();
    let latest = governance.versions().latest(&key()).await.unwrap();
    let entered = match standing.etag() {
        Some(etag) => governance.backplane().entry(&key(), etag.commit_id(), Consistency::Strong).await.unwrap(),
        None => None,
    };
    Standing {
        state: standing.state,
        in_effect: standing.version_in_effect().map(VersionNumber::get),
        latest: latest.as_ref().map(|latest| latest.record.number.get()),
        is_edited: latest.map(|latest| latest.place.sequence) > entered.map(|entry| entry.sequence),
    }
}

/// The share of traffic that a version has.
async fn traffic(governance: &Governance, number: Option<u64>) -> Option<u64> {
    let number = VersionNumber::new(number?).unwrap();
    let version = governance.versions().get(&key(), number).await.unwrap()?;
    version.record.configuration.to_value()["traffic"].as_u64()
}

type SetUp = fn(GovernanceBuilder, Moves) -> GovernanceBuilder;

/// A standing that mallory reached, by which steps, and the share of traffic in effect there.
struct Reached {
    standing: Standing,
    steps: Vec<Step>,
    traffic: Option<u64>,
}

/// Every standing that mallory reaches from the end of this way. With a configuration, version 1 is there from
/// the beginning, and in effect from Approved on.
async fn reached(
    set_up: impl Fn(GovernanceBuilder) -> GovernanceBuilder,
    way: &[LifecycleState],
    is_configured: bool,
) -> Vec<Reached> {
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    let mut open = VecDeque::from([Vec::new()]);
    while let Some(steps) = open.pop_front() {
        let backplane = in_memory();
        if is_configured {
            configured(&backplane, 5).await;
        }
        brought_to(&backplane, way).await;
        let governance = set_up(on(&backplane).versioning(Versioning::Automatic)).build().unwrap();
        for step in &steps {
            Step::take(*step, &governance).await;
        }
        let standing = standing(&governance).await;
        if standing.latest > Some(MOST_VERSIONS) || !seen.insert(standing) {
            continue;
        }
        open.extend(Step::all(standing.state).into_iter().map(|step| [&steps[..], &[step]].concat()));
        let traffic = traffic(&governance, standing.in_effect).await;
        found.push(Reached { standing, steps, traffic });
    }
    found
}

const POLICY: &str = "a policy";

/// What stands in the way of whoever has no role and no friends, and of more than a tenth of the traffic.
const BARRIERS: [(&str, SetUp); 3] = [
    ("a gate for a role", |builder, moves| {
        builder.approval_gate(RoleBasedGate::new("operators", moves, ["sre"]).unwrap())
    }),
    ("a manual gate", |builder, moves| {
        let four_eyes = Quorum::ONE.self_approval(SelfApproval::Forbidden);
        builder.approval_gate(ManualGate::new("review", moves).quorum(four_eyes))
    }),
    (POLICY, |builder, moves| {
        builder.policy(TrafficLimit::percent(10.0).unwrap().configured_at("/traffic").on([moves]))
    }),
];

/// The moves of the way that no other goes around, and how many of the way have been made behind them.
const BOTTLENECKS: [(usize, Moves); 3] =
    [(1, Moves::between(Draft, PendingApproval)), (2, Moves::into(Approved)), (3, Moves::out_of(Approved))];

const WAY: [LifecycleState; 3] = [PendingApproval, Approved, Running];

#[tokio::test]
async fn behind_each_barrier_only_what_passed_it_gets_into_effect() {
    for (barrier, set_up) in BARRIERS {
        for (behind, moves) in BOTTLENECKS {
            // Given version 1, which was brought past the barrier
            // When mallory does all she can, which brings it to all states behind
            for Reached { standing, steps, traffic } in reached(|it| set_up(it, moves), &WAY[..behind], true).await {
                // Then behind the barrier it is the one in effect; a policy lets pass what has the same
                let is_behind = stage(standing.state) >= behind;
                let passed = standing.in_effect == Some(1) || barrier == POLICY && traffic == Some(5);
                assert!(!is_behind || passed, "past {barrier} before {moves:?}: {steps:?} lead to {standing:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_policy_of_what_is_live_is_not_walked_around() {
    // Given a running experiment of which nobody measures the errors, and the policy about them as it is by default
    let errors = ErrorRate::at_most(0.05).unwrap();
    // When mallory does all she can
    let found = reached(|builder| builder.policy(errors.clone()), &WAY, true).await;
    // Then she ramps it only by going the whole way once more, on which it has not been shown yet
    let mut ways = found.iter().filter(|it| it.standing.state == Ramping).map(|it| &it.steps).peekable();
    assert!(ways.peek().is_some());
    for steps in ways {
        assert!(steps.iter().any(|step| step.is_into(Approved)), "{steps:?}");
    }
}

#[tokio::test]
async fn where_nothing_was_in_effect_nothing_gets_into_effect_past_a_role() {
    let (_, set_up) = BARRIERS[0];
    for (behind, moves) in BOTTLENECKS {
        // Given an experiment without a configuration, which was brought past the barrier
        // When mallory does all she can, then behind the barrier it stays without
        for Reached { standing, steps, .. } in reached(|it| set_up(it, moves), &WAY[..behind], false).await {
            let passed = standing.in_effect.is_none() || stage(standing.state) < behind;
            assert!(passed, "past a gate before {moves:?}: {steps:?} lead to {standing:?}");
        }
    }
}

#[tokio::test]
async fn without_a_barrier_she_gets_anything_into_effect() {
    // Given no barrier, so that the tests above test something
    let found = reached(|builder| builder, &[PendingApproval], true).await;
    // Then other versions are in effect in each state that shows one
    for state in [Approved, Running, Ramping] {
        for number in 1..=MOST_VERSIONS {
            let is_it = |it: &Reached| (it.standing.state, it.standing.in_effect) == (state, Some(number));
            assert!(found.iter().any(is_it), "{state} {number}");
        }
    }
}

/// How many moves of the way lie before a state in which a configuration is in effect.
fn stage(state: LifecycleState) -> usize {
    match state {
        Approved => 2,
        Running | Ramping => 3,
        _ => 0,
    }
}
