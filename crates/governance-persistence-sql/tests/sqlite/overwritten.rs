//! Damage that only a file can have, and a head that does not decode: it is not overwritten, for every commit reads it.

use crate::place::{Place, one_of_each};
use governance_persistence::{
    Backplane, Commit, Consistency, Error, Expected, ExperimentKey, HistoryQuery, LifecycleState, RecordKind,
    StateChange,
};
use governance_persistence_sql::SqlBackplane;

async fn tampered(tamper: &str) -> (Place, SqlBackplane, ExperimentKey) {
    let place = Place::new();
    let backplane = place.connect().await;
    let key = ExperimentKey::new("checkout").unwrap();
    for number in 1..=2 {
        backplane.commit(&one_of_each(&key, number)).await.unwrap();
    }
    assert!(place.tamper(tamper).await > 0, "{tamper} changed nothing");
    (place, backplane, key)
}

fn assert_corrupt(error: &Error, words: &str) {
    assert!(matches!(error, Error::Corrupt { sequence, .. } if sequence.get() == 2), "{error:?}");
    assert!(error.to_string().contains(words), "{error}");
}

#[tokio::test]
async fn given_a_record_whose_json_does_not_parse_when_it_is_read_then_it_is_corrupt() {
    let (_place, backplane, key) = tampered("UPDATE approval_records SET metadata = '[' WHERE sequence = 2").await;
    let query = HistoryQuery::new(RecordKind::Approval);
    let error = backplane.history(&key, &query, Consistency::Strong).await.unwrap_err();
    assert_corrupt(&error, "does not parse");
}

#[tokio::test]
async fn given_a_head_that_does_not_decode_when_a_commit_expects_nothing_of_it_then_it_is_not_overwritten() {
    for (tamper, words) in [
        ("UPDATE experiment_states SET lifecycle_state = 'Launched'", "Launched"),
        ("UPDATE experiment_states SET etag = 'x'", "UUID"),
        ("UPDATE experiment_states SET last_modified = 9223372036854775807", "years 0000 to 9999"),
    ] {
        let (_place, backplane, key) = tampered(tamper).await;
        let state = StateChange::to(LifecycleState::Draft);
        let at_any = Commit::builder(&key, Expected::Any).state(state).build().unwrap();
        for commit in [one_of_each(&key, 3), at_any] {
            assert_corrupt(&backplane.commit(&commit).await.unwrap_err(), words);
        }
    }
}
