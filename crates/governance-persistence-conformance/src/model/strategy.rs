//! How programs are made at random: what is likely, and what is simpler than what. In each choice
//! the simplest stands first, which is where shrinking ends.

use super::program::{Action, Clock, Expect, Fact, Id, Question, Step};
use governance_persistence::{LifecycleState, RecordKind};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

/// How many operations a program has at most.
const STEPS: usize = 40;
/// So few that programs come back to them.
const KEYS: u8 = 7;

/// Programs of every length.
pub(super) fn programs() -> impl Strategy<Value = Vec<Step>> {
    vec(steps(), 1..=STEPS)
}

fn steps() -> impl Strategy<Value = Step> {
    // Half of all operations meet on two experiments.
    let key = prop_oneof![0..2u8, 0..KEYS];
    (0..2u8, key, actions()).prop_map(|(handle, key, action)| Step { handle, key, action })
}

fn actions() -> impl Strategy<Value = Action> {
    prop_oneof![ 8 => writes(), 6 => reads(), 2 => ephemerals() ]
}

fn writes() -> impl Strategy<Value = Action> {
    let content = || (weighted(0.4, lifecycle_states()), vec(facts(), 0..5));
    prop_oneof![
        8 => (ids(), expectations(), content())
            .prop_map(|(id, expect, (state, facts))| Action::Commit { id, expect, state, facts }),
        2 => (picks(), expectations()).prop_map(|(which, expect)| Action::CommitAgain { which, expect }),
        2 => facts().prop_map(Action::Append),
        2 => (ids(), any::<bool>()).prop_map(|(id, odd)| Action::NextVersion { id, odd }),
        2 => (content(), offsets(), clocks()).prop_map(|((state, facts), offset, clock)| {
            Action::Replicate { state, facts, offset, clock }
        }),
        1 => (picks(), any::<bool>()).prop_map(|(which, changed)| Action::ReplicateAgain { which, changed }),
    ]
}

fn reads() -> impl Strategy<Value = Action> {
    prop_oneof![
        1 => Just(Action::Head),
        1 => picks().prop_map(Action::Entry),
        1 => (0..6u8, sizes()).prop_map(|(after, limit)| Action::Log { after, limit }),
        3 => (kinds(), any::<bool>(), sizes())
            .prop_map(|(kind, newest_first, size)| Action::History { kind, newest_first, size }),
        3 => (picks(), sizes(), proptest::bool::weighted(0.1))
            .prop_map(|(which, size, elsewhere)| Action::NextRecords { which, size, elsewhere }),
        2 => (kinds(), any::<bool>(), picks(), picks(), sizes()).prop_map(|(kind, newest_first, from, until, size)| {
            Action::Range { kind, newest_first, from, until, size }
        }),
        3 => questions().prop_map(Action::LookUp),
        2 => (0..4u8, 0..4u8, weighted(0.3, lifecycle_states()), sizes()).prop_map(
            |(tenant, environment, state, size)| Action::Experiments { tenant, environment, state, size }
        ),
        1 => (picks(), sizes()).prop_map(|(which, size)| Action::NextExperiments { which, size }),
    ]
}

fn ephemerals() -> impl Strategy<Value = Action> {
    let place = || (0..2u8, 0..3u8);
    prop_oneof![
        3 => (place(), any::<u8>()).prop_map(|((kind, id), value)| Action::Put { kind, id, value }),
        1 => place().prop_map(|(kind, id)| Action::Get { kind, id }),
        1 => (0..2u8).prop_map(|kind| Action::List { kind }),
        1 => place().prop_map(|(kind, id)| Action::Remove { kind, id }),
    ]
}

fn expectations() -> impl Strategy<Value = Expect> {
    prop_oneof![
        6 => Just(Expect::Any),
        1 => Just(Expect::Absent),
        3 => Just(Expect::Current),
        1 => picks().prop_map(Expect::Match),
        2 => offsets().prop_map(Expect::At),
    ]
}

fn ids() -> impl Strategy<Value = Id> {
    prop_oneof![ 12 => Just(Id::New), 2 => picks().prop_map(Id::Used), 1 => picks().prop_map(Id::Foreign) ]
}

fn facts() -> impl Strategy<Value = Fact> {
    (kinds(), ids(), 0..3u8, proptest::bool::weighted(0.2), offsets()).prop_map(|(kind, id, about, odd, skip)| Fact {
        kind,
        id,
        about,
        odd,
        skip,
    })
}

fn questions() -> impl Strategy<Value = Question> {
    prop_oneof![
        Just(Question::LatestVersion),
        (-1..4i8).prop_map(Question::Version),
        (0..3u8).prop_map(Question::LatestDefinition),
        (0..3u8).prop_map(Question::LatestEvaluation),
        (0..3u8).prop_map(Question::Approvals),
    ]
}

fn clocks() -> impl Strategy<Value = Clock> {
    prop_oneof![ 4 => Just(Clock::Same), 1 => Just(Clock::Ahead), 1 => Just(Clock::Behind) ]
}

/// Mostly none.
fn offsets() -> impl Strategy<Value = i8> {
    prop_oneof![ 6 => Just(0i8), 1 => -2..3i8 ]
}

/// Mostly so small that there are several pages.
fn sizes() -> impl Strategy<Value = u8> {
    prop_oneof![ 3 => 1..4u8, 1 => 4..200u8 ]
}

/// Mostly among the newest.
fn picks() -> impl Strategy<Value = u8> {
    prop_oneof![ 3 => 0..4u8, 1 => any::<u8>() ]
}

fn kinds() -> impl Strategy<Value = RecordKind> {
    select(&RecordKind::ALL)
}

fn lifecycle_states() -> impl Strategy<Value = LifecycleState> {
    select(&LifecycleState::ALL)
}
