//! Statements that a session keeps prepared, while the schema grows and the session loses them.

use crate::place::{Place, one_of_each, run};
use governance_persistence::{Backplane, Commit, Error, Expected, ExperimentKey, LifecycleState, Outcome, StateChange};
use governance_persistence_sql::SqlBackplane;

/// A commit that expects another head than there is, so that it is looked at.
fn in_vain(key: &ExperimentKey) -> Commit {
    Commit::builder(key, Expected::Absent).state(StateChange::to(LifecycleState::Draft)).build().unwrap()
}

async fn with_one_writer(place: &Place) -> (SqlBackplane, ExperimentKey) {
    let backplane = SqlBackplane::connect(&place.options().writers(1).unwrap()).await.unwrap();
    let key = ExperimentKey::new("checkout").unwrap();
    backplane.commit(&one_of_each(&key, 1)).await.unwrap();
    (backplane, key)
}

#[tokio::test]
async fn given_a_conflict_when_a_column_is_added_then_the_next_conflict_is_one_too() {
    let Some(place) = Place::or_skip().await else { return };
    let (backplane, key) = with_one_writer(&place).await;
    assert!(backplane.commit(&in_vain(&key)).await.unwrap_err().is_conflict());

    for table in ["experiment_states", "governance_commits", "state_transitions"] {
        place.execute(&format!("ALTER TABLE {table} ADD COLUMN later text")).await;
    }
    let error = backplane.commit(&in_vain(&key)).await.unwrap_err();
    assert!(error.is_conflict(), "{error:?}");
    backplane.commit(&one_of_each(&key, 2)).await.unwrap();
}

#[tokio::test]
async fn given_a_look_whose_column_changed_its_type_when_it_is_sent_again_then_the_session_is_made_again() {
    let Some(place) = Place::or_skip().await else { return };
    let (backplane, key) = with_one_writer(&place).await;
    assert!(backplane.commit(&in_vain(&key)).await.unwrap_err().is_conflict());

    let mut owner = place.plain().await;
    // No trigger and no view depends on this one.
    let change = "ALTER TABLE governance_commits ALTER COLUMN fingerprint TYPE varchar(200) COLLATE \"C\"";
    run(&mut owner, change).await.unwrap();
    let error = backplane.commit(&in_vain(&key)).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error:?}");
    assert!(backplane.commit(&in_vain(&key)).await.unwrap_err().is_conflict());
}
