//! Rows that somebody put into the database by hand: found, and named by key and sequence.

use crate::place::{Place, one_of_each};
use futures_util::future::join_all;
use governance_persistence::{
    Backplane, Commit, Consistency, Error, Expected, ExperimentKey, HistoryQuery, LifecycleState, LogEntry, PageSize,
    RecordKind, Result, Sequence, StateChange, Timestamp,
};
use governance_persistence_sql::SqlBackplane;

/// Runs `tamper` on a database of two commits, without its triggers and foreign keys, and gives the backplane on it.
async fn tampered(tamper: &str) -> Option<(Place, SqlBackplane, ExperimentKey)> {
    let place = Place::with_all_or_skip().await?;
    let backplane = SqlBackplane::connect(&place.options()).await.unwrap();
    let key = ExperimentKey::new("checkout").unwrap();
    for number in 1..=2 {
        backplane.commit(&one_of_each(&key, number)).await.unwrap();
    }
    assert!(place.tamper(tamper).await > 0, "{tamper} changed nothing");
    Some((place, backplane, key))
}

/// A commit that expects another head than there is, so that it is looked at.
fn in_vain(key: &ExperimentKey) -> Commit {
    let state = StateChange::to(LifecycleState::Draft);
    Commit::builder(key, Expected::At(Sequence::new(1).unwrap())).state(state).build().unwrap()
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
        ("UPDATE approval_records SET metadata = '[]' WHERE sequence = 2", RecordKind::Approval, "not an object"),
        ("UPDATE configuration_versions SET hash = 'abc' WHERE sequence = 2", RecordKind::Version, "hexadecimal"),
        ("UPDATE configuration_versions SET number = -7 WHERE sequence = 2", RecordKind::Version, "-7"),
        ("UPDATE policy_definitions SET id = 'x' WHERE sequence = 2", RecordKind::Definition, "UUID"),
        ("UPDATE policy_evaluations SET severity = 'Bad' WHERE sequence = 2", RecordKind::Evaluation, "Critical"),
    ] {
        let Some((_place, backplane, key)) = tampered(tamper).await else { return };
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
        let Some((_place, backplane, key)) = tampered(tamper).await else { return };
        assert_corrupt(backplane.head(&key, Consistency::Strong).await, &key, 2, words);
        assert_corrupt(backplane.commit(&in_vain(&key)).await, &key, 2, words);
    }
}

#[tokio::test]
async fn given_changed_or_missing_records_when_the_log_is_verified_then_it_is_corrupt() {
    for (tamper, words) in [
        ("UPDATE state_transitions SET actor = 'mallory' WHERE sequence = 1", "fingerprint"),
        ("UPDATE configuration_versions SET configuration = '{}' WHERE sequence = 1", "SHA-256"),
        (
            "UPDATE governance_commits SET fingerprint = '0000000000000000000000000000000000000000000000000000000000000000' \
             WHERE sequence = 1",
            "fingerprint",
        ),
        ("UPDATE governance_commits SET state = NULL WHERE sequence = 1", "fingerprint"),
        ("DELETE FROM policy_definitions WHERE sequence = 1", "fingerprint"),
        ("DELETE FROM state_transitions WHERE sequence = 1", "ordinal"),
        ("UPDATE governance_commits SET commit_id = upper(commit_id) WHERE sequence = 1", "stored text"),
        ("UPDATE approval_records SET transition_id = upper(transition_id) WHERE sequence = 1", "stored text"),
        ("UPDATE policy_evaluations SET metadata = ' {}' WHERE sequence = 1", "canonical"),
    ] {
        let Some((_place, backplane, key)) = tampered(tamper).await else { return };
        let log = backplane.log(&key, Sequence::ZERO, PageSize::new(1).unwrap(), Consistency::Strong).await;
        let verified = log.and_then(|log| log[0].verify());
        assert!(verified.is_err(), "{tamper} is not noticed");
        assert_corrupt(verified, &key, 1, words);
    }
}

#[tokio::test]
async fn given_a_number_of_a_head_that_cannot_be_one_when_it_is_built_upon_then_it_is_corrupt_and_others_are_not() {
    for (tamper, at, words) in [
        ("UPDATE experiment_states SET sequence = -1", 0, "-1"),
        ("UPDATE experiment_states SET sequence = 9223372036854775807", 0, "9223372036854775807"),
        ("UPDATE experiment_states SET recorded_at = 9223372036854775807", 2, "years 0000 to 9999"),
    ] {
        let Some((_place, backplane, key)) = tampered(tamper).await else { return };
        assert_corrupt(backplane.head(&key, Consistency::Strong).await, &key, at, words);
        let others: Vec<_> = (0..10).map(|n| ExperimentKey::new(&format!("e{n}")).unwrap()).collect();
        // The first round makes the heads of the others, the second goes on with them.
        for number in 1..=2 {
            let corrupt = one_of_each(&key, 3);
            let good: Vec<_> = others.iter().map(|other| one_of_each(other, number)).collect();
            let all = join_all([&corrupt].into_iter().chain(&good).map(|commit| backplane.commit(commit)));
            let mut answers = all.await.into_iter();
            assert_corrupt(answers.next().unwrap(), &key, at, words);
            answers.for_each(|answer| assert_eq!(answer.unwrap().sequence.get(), number));
        }
    }
}

#[tokio::test]
async fn given_a_sequence_of_the_log_that_cannot_be_one_when_it_is_read_then_the_others_are_found() {
    let tamper = "UPDATE governance_commits SET sequence = -1 WHERE sequence = 1";
    let Some((_place, backplane, key)) = tampered(tamper).await else { return };
    let id = backplane.log(&key, Sequence::ZERO, PageSize::MAX, Consistency::Strong).await.unwrap()[0].commit_id;
    assert!(backplane.entry(&key, id, Consistency::Strong).await.unwrap().is_some());
}

#[tokio::test]
async fn given_a_log_that_goes_on_behind_the_head_when_it_is_written_to_then_it_is_corrupt() {
    let tamper = "INSERT INTO governance_commits SELECT experiment_id, 3, 'x', 'x', 0, NULL FROM governance_commits \
                  WHERE sequence = 1";
    let Some((_place, backplane, key)) = tampered(tamper).await else { return };
    let commit = one_of_each(&key, 3);
    assert_corrupt(backplane.commit(&commit).await, &key, 3, "behind the head");
    let entry = LogEntry::of(&commit, Sequence::new(3).unwrap(), Timestamp::now());
    // It looks at what stands in its place, and that does not decode either.
    assert_corrupt(backplane.replicate(&entry).await, &key, 3, "");
}
