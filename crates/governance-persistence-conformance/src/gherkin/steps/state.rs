//! Steps about the current state.

use crate::gherkin::world::Governance;
use crate::samples;
use cucumber::{given, then, when};
use governance_persistence::{Backplane, Commit, ETag, Expected, LifecycleState, StateChange};
use serde_json::json;

fn saving(world: &Governance, expected: Expected, change: StateChange) -> Commit {
    Commit::builder(world.key(), expected).state(change).build().expect("the commit is valid")
}

#[given(expr = "the experiment {string} in tenant {string} and environment {string}")]
fn an_experiment(world: &mut Governance, name: String, tenant: String, environment: String) {
    world.look_at(&name, Some(&tenant), Some(&environment));
}

#[given(expr = "{word} has saved it as {word}")]
async fn has_saved(world: &mut Governance, actor: String, state: LifecycleState) {
    let commit = saving(world, Expected::Any, StateChange::to(state).by(&actor));
    world.apply(&actor, commit).await;
}

#[given(expr = "{word} has saved it as {word}, running version {int}, with the note {string}")]
async fn has_saved_all(world: &mut Governance, actor: String, state: LifecycleState, version: u64, note: String) {
    let metadata = json!({ "note": note }).try_into().expect("it is an object");
    let change = StateChange::to(state).by(&actor).running_version(samples::number(version)).with_metadata(metadata);
    let commit = saving(world, Expected::Any, change);
    world.apply(&actor, commit).await;
}

#[given(expr = "{word} has read its state")]
#[when(expr = "{word} reads its state")]
async fn reads(world: &mut Governance, actor: String) {
    let head = world.head().await;
    world.read.insert(actor, head);
}

#[when(expr = "{word} reads its state through another handle")]
async fn reads_elsewhere(world: &mut Governance, actor: String) {
    let head = world.handles()[1].head(world.key(), crate::act::STRONG).await.expect("the head can be read");
    world.read.insert(actor, head);
}

#[when(expr = "{word} saves it as {word}, expecting that no state was saved")]
async fn saves_the_first(world: &mut Governance, actor: String, state: LifecycleState) {
    let commit = saving(world, Expected::Absent, StateChange::to(state).by(&actor));
    world.send(&actor, commit).await;
}

#[when(regex = r"^(\w+) saves it as (\w+) under the ETag s?he read$")]
async fn saves_what_was_read(world: &mut Governance, actor: String, state: LifecycleState) {
    let expected = Expected::Match(world.etag_read_by(&actor));
    let commit = saving(world, expected, StateChange::to(state).by(&actor));
    world.send(&actor, commit).await;
}

#[then("the save is applied")]
fn is_applied(world: &mut Governance) {
    let receipt = world.last().answer.as_ref().expect("the save is to be applied");
    assert!(!receipt.replayed);
}

#[then(expr = "the save is a conflict that shows {word}, set by {word}")]
async fn is_a_conflict(world: &mut Governance, state: LifecycleState, by: String) {
    let conflict = world.last().conflict();
    assert_eq!(conflict.head, world.head().await);
    let shown = conflict.head.state.as_ref().expect("the conflict shows a state");
    assert_eq!((shown.lifecycle_state, shown.last_modified_by.as_ref()), (state, Some(&by)));
}

#[then(expr = "its state is {word}, set by {word}")]
async fn state_is(world: &mut Governance, state: LifecycleState, by: String) {
    let now = world.snapshot().await.head.state.expect("a state was saved");
    assert_eq!((now.lifecycle_state, now.last_modified_by.as_ref()), (state, Some(&by)));
}

#[then("its ETag names the commit that set it")]
async fn etag_names_the_commit(world: &mut Governance) {
    let etag = world.state().await.etag;
    assert_eq!(etag, ETag::from(world.last().commit.id()));
    let entry = world.here().entry(world.key(), etag.commit_id(), crate::act::STRONG).await;
    assert!(entry.expect("the entry can be read").is_some());
}

#[then(expr = "its ETag is another than {word} read")]
async fn etag_is_another(world: &mut Governance, actor: String) {
    assert_ne!(world.state().await.etag, world.etag_read_by(&actor));
}

#[then(expr = "its ETag is the one that {word} read")]
async fn etag_is_the_same(world: &mut Governance, actor: String) {
    assert_eq!(world.state().await.etag, world.etag_read_by(&actor));
}

#[then(expr = "{word} finds {word}, set by {word}, running version {int}, with the note {string}")]
fn finds(world: &mut Governance, actor: String, state: LifecycleState, by: String, version: u64, note: String) {
    let found = world.read_by(&actor).state.as_ref().expect("a state is found");
    assert_eq!((found.lifecycle_state, found.last_modified_by.as_ref()), (state, Some(&by)));
    assert_eq!(found.configuration_version, Some(samples::number(version)));
    assert_eq!(found.metadata.get("note"), Some(json!(note)));
    assert_eq!(&found.key, world.key());
}

#[then(expr = "{word} finds no state")]
fn finds_none(world: &mut Governance, actor: String) {
    assert_eq!(world.read_by(&actor).state, None);
    assert!(!world.read_by(&actor).exists());
}
