//! Rows that somebody put into the database by hand: found, and named by key and sequence.

use crate::place::{Place, one_of_each};
use governance_persistence::{
    Backplane, Commit, Consistency, Error, Expected, ExperimentKey, HistoryQuery, LifecycleState, PageSize, RecordKind,
    Result, Sequence, StateChange,
};

/// Runs `tamper` on a file of two commits, its triggers dropped, and gives the backplane on it.
async fn tampered(tamper: &str) -> (Place, governance_persistence_sql::SqlBackplane, ExperimentKey) {
    let place = Place::new();
    let backplane = place.connect().await;
    let key = ExperimentKey::new("checkout").unwrap();
    for number in 1..=2 {
        backplane.commit(&one_of_each(&key, number)).await.unwrap();
    }
    let plain = place.plain();
    let triggers: Vec<String> = plain
        .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    for trigger in triggers {
        plain.execute(&format!("DROP TRIGGER {trigger}"), []).unwrap();
    }
    plain.pragma_update(None, "foreign_keys", "OFF").unwrap();
    assert!(plain.execute(tamper, []).unwrap() > 0, "{tamper} changed nothing");
    (place, backplane, key)
}

/// A commit that sets a state, whatever is there.
fn at_any(key: &ExperimentKey) -> Commit {
    Commit::builder(key, Expected::Any).state(StateChange::to(LifecycleState::Draft)).build().unwrap()
}

fn assert_corrupt<T: std::fmt::Debug>(result: Result<T>, key: &ExperimentKey, at: u64, words: &str) {
    let error = result.expect_err("the data is corrupt");
    let Error::Corrupt { key: found, sequence, problem } = &error else {
        panic!("{error:?} is not Corrupt");
    };
    assert_eq!((found, sequence.get()), (key, at), "{problem}");
    assert!(problem.contains(words), "{problem}");
}

#[tokio::test]
async fn given_a_record_that_does_not_decode_when_it_is_read_then_it_is_corrupt() {
    for (tamper, kind, words) in [
        ("UPDATE state_transitions SET to_state = 'Launched' WHERE sequence = 2", RecordKind::Transition, "Launched"),
        ("UPDATE approval_records SET metadata = '[' WHERE sequence = 2", RecordKind::Approval, "does not parse"),
        ("UPDATE approval_records SET metadata = '[]' WHERE sequence = 2", RecordKind::Approval, "not an object"),
        ("UPDATE configuration_versions SET hash = 'abc' WHERE sequence = 2", RecordKind::Version, "hexadecimal"),
        ("UPDATE configuration_versions SET number = -7 WHERE sequence = 2", RecordKind::Version, "-7"),
        ("UPDATE policy_definitions SET id = 'x' WHERE sequence = 2", RecordKind::Definition, "UUID"),
        ("UPDATE policy_evaluations SET severity = 'Bad' WHERE sequence = 2", RecordKind::Evaluation, "Critical"),
    ] {
        let (_place, backplane, key) = tampered(tamper).await;
        let page = backplane.history(&key, &HistoryQuery::new(kind), Consistency::Strong).await;
        assert_corrupt(page, &key, 2, words);
        let log = backplane.log(&key, Sequence::ZERO, PageSize::MAX, Consistency::Strong).await;
        assert_corrupt(log, &key, 2, words);
    }
}

#[tokio::test]
async fn given_a_head_that_does_not_decode_when_it_is_read_then_it_is_corrupt() {
    for (tamper, words) in [
        ("UPDATE experiment_states SET lifecycle_state = 'Launched'", "Launched"),
        ("UPDATE experiment_states SET lifecycle_state = NULL", "NULL"),
        ("UPDATE experiment_states SET etag = 'x'", "UUID"),
        ("UPDATE experiment_states SET etag = upper(etag)", "stored text"),
        ("UPDATE experiment_states SET lifecycle_state = upper(lifecycle_state)", "stored text"),
        ("UPDATE experiment_states SET last_modified = 9223372036854775807", "years 0000 to 9999"),
    ] {
        let (_place, backplane, key) = tampered(tamper).await;
        assert_corrupt(backplane.head(&key, Consistency::Strong).await, &key, 2, words);
        // Nor is it built upon, or overwritten.
        for commit in [one_of_each(&key, 3), at_any(&key)] {
            assert_corrupt(backplane.commit(&commit).await, &key, 2, words);
        }
    }
}

#[tokio::test]
async fn given_changed_or_missing_records_when_the_log_is_verified_then_it_is_corrupt() {
    for (tamper, words) in [
        ("UPDATE state_transitions SET actor = 'mallory' WHERE sequence = 1", "fingerprint"),
        ("UPDATE configuration_versions SET configuration = '{}' WHERE sequence = 1", "SHA-256"),
        (
            "UPDATE governance_commits SET fingerprint = replace(fingerprint, 'a', 'b') WHERE sequence = 1",
            "fingerprint",
        ),
        ("UPDATE governance_commits SET state = NULL WHERE sequence = 1", "fingerprint"),
        ("DELETE FROM policy_definitions WHERE sequence = 1", "fingerprint"),
        ("DELETE FROM state_transitions WHERE sequence = 1", "ordinal"),
        ("UPDATE governance_commits SET commit_id = upper(commit_id) WHERE sequence = 1", "stored text"),
        ("UPDATE approval_records SET transition_id = upper(transition_id) WHERE sequence = 1", "stored text"),
        ("UPDATE policy_evaluations SET metadata = ' {}' WHERE sequence = 1", "canonical"),
    ] {
        let (_place, backplane, key) = tampered(tamper).await;
        let log = backplane.log(&key, Sequence::ZERO, PageSize::new(1).unwrap(), Consistency::Strong).await;
        assert_corrupt(log.and_then(|log| log[0].verify()), &key, 1, words);
    }
}

#[tokio::test]
async fn given_a_sequence_that_cannot_be_one_when_it_is_read_then_it_is_corrupt() {
    let (_place, backplane, key) = tampered("UPDATE experiment_states SET sequence = -1").await;
    assert_corrupt(backplane.head(&key, Consistency::Strong).await, &key, 0, "-1");
    assert_corrupt(backplane.commit(&one_of_each(&key, 3)).await, &key, 0, "-1");
    let (_place, backplane, key) = tampered("UPDATE governance_commits SET sequence = -1 WHERE sequence = 1").await;
    let id = backplane.log(&key, Sequence::ZERO, PageSize::MAX, Consistency::Strong).await.unwrap()[0].commit_id;
    assert!(backplane.entry(&key, id, Consistency::Strong).await.unwrap().is_some());
}

#[tokio::test]
async fn given_a_log_that_goes_on_behind_the_head_when_it_is_written_to_then_it_is_corrupt() {
    let (_place, backplane, key) = tampered(
        "INSERT INTO governance_commits SELECT experiment_id, 3, 'x', 'x', 0, NULL FROM governance_commits \
         WHERE sequence = 1",
    )
    .await;
    assert_corrupt(backplane.commit(&one_of_each(&key, 3)).await, &key, 3, "behind the head");
}
