//! Steps about those who act at once.

use crate::gherkin::world::{Governance, Sent};
use cucumber::{then, when};
use governance_persistence::{
    ApprovalRecord, Backplane, BackplaneExt, Commit, ConfigurationDraft, ConflictCause, Decision, Expected,
    ExperimentKey, LifecycleState, RecordKind, StateChange, StateTransition,
};

use LifecycleState::{Ramping, RolledBack, Running};

fn ramping(key: &ExperimentKey, expected: Expected, actor: &str) -> Commit {
    let commit = Commit::builder(key, expected).state(StateChange::to(Ramping).by(actor));
    commit.record(StateTransition::new(Running, Ramping, actor)).build().expect("the commit is valid")
}

/// Sends both commits at the same time, each through a handle of its own.
async fn at_once(world: &mut Governance, commits: [(String, Commit); 2]) {
    let sent = commits.into_iter().zip(world.handles().clone()).map(|((actor, commit), handle)| {
        tokio::spawn(async move {
            let answer = handle.commit(&commit).await;
            Sent { actor, commit, answer }
        })
    });
    for sent in sent.collect::<Vec<_>>() {
        world.sent.push(sent.await.expect("the commit is answered"));
    }
}

#[when(expr = "{word} and {word} both ramp it at once")]
async fn both_ramp(world: &mut Governance, one: String, other: String) {
    let commits = [one, other].map(|actor| {
        let commit = ramping(world.key(), Expected::Match(world.etag_read_by(&actor)), &actor);
        (actor, commit)
    });
    at_once(world, commits).await;
}

#[when(expr = "{word} rolls it back to version {int} while {word} approves {string} and moves it to Running")]
async fn rollback_meets_approval(world: &mut Governance, one: String, version: u64, other: String, name: String) {
    let (key, request) = (world.key(), &world.requests[&name]);
    let restored = world.here().get_configuration_version(key, crate::samples::number(version)).await;
    let restored = restored.expect("a look-up answers").expect("the version is there").record;
    let head = world.read_by(&one);
    let (current, next) = (head.latest_version.expect("it has versions"), head.next_version().expect("it has one"));
    let rollback = Commit::builder(key, Expected::Match(world.etag_read_by(&one)))
        .state(StateChange::to(RolledBack).by(&one).running_version(next))
        .record(StateTransition::new(Ramping, RolledBack, &one))
        .record(ConfigurationDraft::rollback(&restored, current, &one).numbered(next));
    let approval = Commit::builder(key, Expected::Match(world.etag_read_by(&other)))
        .state(StateChange::to(Running).by(&other))
        .record(ApprovalRecord::decide(request.transition_id, request.to, Decision::Approved, &other))
        .record(StateTransition::new(Ramping, Running, &other).with_id(request.transition_id));
    let [rollback, approval] = [rollback, approval].map(|commit| commit.build().expect("the commit is valid"));
    at_once(world, [(one, rollback), (other, approval)]).await;
}

#[when(expr = "{word} ramps it, expecting that nothing was recorded since she read")]
async fn ramps_if_nothing_was_recorded(world: &mut Governance, actor: String) {
    let commit = ramping(world.key(), Expected::At(world.read_by(&actor).sequence), &actor);
    world.send(&actor, commit).await;
}

#[when("the loser reads its state and ramps it again")]
async fn loser_ramps_again(world: &mut Governance) {
    let actor = world.winner_and_loser().1.actor.clone();
    let etag = world.state().await.etag;
    let commit = ramping(world.key(), Expected::Match(etag), &actor);
    world.send(&actor, commit).await;
}

#[then("exactly one of them wins")]
fn one_wins(world: &mut Governance) {
    world.winner_and_loser();
}

#[then(expr = "the other is told of a conflict that shows {word}, set by the winner")]
async fn conflict_shows_state(world: &mut Governance, state: LifecycleState) {
    conflict_shows_the_winner(world).await;
    assert_eq!(world.state().await.lifecycle_state, state);
}

#[then("the other is told of a conflict that shows what the winner did")]
async fn conflict_shows_the_winner(world: &mut Governance) {
    let (winner, loser) = world.winner_and_loser();
    let conflict = loser.conflict();
    assert_eq!(conflict.cause, ConflictCause::Expected(loser.commit.expected()));
    assert_eq!(conflict.head, world.head().await);
    let shown = conflict.head.state.as_ref().expect("a state was saved");
    assert_eq!(shown.last_modified_by.as_ref(), Some(&winner.actor));
    assert_eq!(Some(shown.etag), winner.commit.etag());
}

#[then(expr = "the winner's transition from {word} to {word} is the only one")]
async fn only_transition(world: &mut Governance, from: LifecycleState, to: LifecycleState) {
    let history = world.here().get_state_transition_history(world.key()).await.expect("the history can be read");
    let [only] = &history[..] else { panic!("one transition is there: {history:?}") };
    let winner = &world.winner_and_loser().0.actor;
    assert_eq!((only.record.from, only.record.to, &only.record.actor), (from, to, winner));
}

#[then("only what the winner did is in the history")]
async fn only_the_winner(world: &mut Governance) {
    let (winner, loser) = world.winner_and_loser();
    let snapshot = world.snapshot().await;
    let there =
        |record: &governance_persistence::Record| snapshot.records.iter().any(|recorded| recorded.record == *record);
    assert!(winner.commit.records().iter().all(there), "all that the winner did is there");
    assert!(!loser.commit.records().iter().any(there), "nothing that the loser did is there");
    assert_eq!(snapshot.of_kind(RecordKind::Transition).len(), 1);
}

#[then(expr = "{word} is told of a conflict with what was recorded since")]
async fn recorded_since(world: &mut Governance, actor: String) {
    let sent = world.last();
    assert_eq!(sent.actor, actor);
    let read = world.read_by(&actor).sequence;
    let conflict = sent.conflict();
    assert_eq!(conflict.cause, ConflictCause::Expected(Expected::At(read)));
    assert_eq!(conflict.head, world.head().await);
    assert!(conflict.head.sequence > read);
}
