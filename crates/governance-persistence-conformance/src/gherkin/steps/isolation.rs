//! Steps about what is seen from where.

use crate::gherkin::world::Governance;
use crate::{Snapshot, samples};
use cucumber::{given, then, when};
use governance_persistence::{Commit, Expected, ExperimentsQuery, Filter, LifecycleState, StateChange};

#[given("everything there is to record has been recorded")]
async fn all_is_recorded(world: &mut Governance) {
    let commit = Commit::builder(world.key(), Expected::Absent)
        .state(StateChange::to(LifecycleState::Running).by("alice"))
        .records(samples::one_of_each(1))
        .build()
        .expect("the commit is valid");
    world.apply("alice", commit).await;
    world.recorded = Some(world.snapshot().await);
}

#[when("everything there is to record is recorded there too")]
async fn the_same_is_recorded(world: &mut Governance) {
    let commit = world.last().commit.clone();
    world.send("alice", commit).await;
    let receipt = world.last().answer.as_ref().expect("the commit is applied");
    assert!(!receipt.replayed, "another place does not know the commit");
}

#[when(
    regex = r#"^the experiment "(\w+)" in (?:tenant "(\w+)"|no tenant) and (?:environment "(\w+)"|no environment) is looked at$"#
)]
fn is_looked_at(world: &mut Governance, name: String, tenant: String, environment: String) {
    let named = |part: &'_ str| (!part.is_empty()).then(|| part.to_owned());
    world.look_at(&name, named(&tenant).as_deref(), named(&environment).as_deref());
}

#[when("it is looked at in a separate place")]
fn in_a_separate_place(world: &mut Governance) {
    world.move_away();
}

#[then("nothing is found of it")]
async fn nothing_is_found(world: &mut Governance) {
    let Snapshot { head, log, records } = world.snapshot().await;
    assert!(!head.exists());
    assert_eq!((log, records), (vec![], vec![]));
    for recorded in &world.recorded.as_ref().expect("something was recorded elsewhere").log {
        let entry = world.here().entry(world.key(), recorded.commit_id, crate::act::STRONG).await;
        assert_eq!(entry.expect("the entry can be asked for"), None);
    }
}

#[then("everything is found of it")]
async fn everything_is_found(world: &mut Governance) {
    let found = world.snapshot().await;
    let recorded = world.recorded.as_ref().expect("something was recorded");
    let content = |snapshot: &Snapshot| {
        let fingerprints: Vec<_> = snapshot.log.iter().map(|entry| entry.fingerprint).collect();
        let records: Vec<_> = snapshot.records.iter().map(|recorded| recorded.record.clone()).collect();
        (snapshot.head.state.clone(), fingerprints, records)
    };
    assert_eq!(content(&found), content(recorded));
}

#[then("both places list it once")]
async fn both_list_it(world: &mut Governance) {
    let tenant = Filter::exactly(world.key().tenant()).expect("the tenant is valid");
    for place in world.places() {
        let listed = place.experiments(&ExperimentsQuery::new(tenant.clone()), crate::act::STRONG).await;
        let keys: Vec<_> = listed.expect("experiments are listed").items.into_iter().map(|head| head.key).collect();
        assert_eq!(&keys[..], std::slice::from_ref(world.key()));
    }
}
