//! History cannot be changed in the database itself, by whatever program.

use crate::place::{Place, one_of_each};
use governance_persistence::{Backplane, BackplaneExt, Consistency, ExperimentKey, PageSize, Sequence};

const HISTORY: [&str; 6] = [
    "governance_commits",
    "state_transitions",
    "approval_records",
    "configuration_versions",
    "policy_definitions",
    "policy_evaluations",
];

/// A file whose every table of history has rows.
async fn with_history() -> (Place, ExperimentKey) {
    let place = Place::new();
    let backplane = place.connect().await;
    let key = ExperimentKey::new("checkout").unwrap();
    for number in 1..=3 {
        backplane.commit(&one_of_each(&key, number)).await.unwrap();
    }
    (place, key)
}

fn refusal(result: rusqlite::Result<usize>) -> String {
    result.expect_err("history must not change").to_string()
}

#[tokio::test]
async fn given_history_when_a_row_is_updated_or_deleted_by_hand_then_the_database_refuses() {
    let (place, key) = with_history().await;
    let plain = place.plain();
    for table in HISTORY {
        let refused = refusal(plain.execute(&format!("UPDATE {table} SET sequence = sequence + 1"), []));
        assert!(refused.contains(&format!("{table} is append-only")), "{refused}");
        let refused = refusal(plain.execute(&format!("DELETE FROM {table} WHERE sequence = 2"), []));
        assert!(refused.contains(&format!("{table} is append-only")), "{refused}");
    }
    let backplane = place.connect().await;
    let log = backplane.log(&key, Sequence::ZERO, PageSize::MAX, Consistency::Strong).await.unwrap();
    assert_eq!(log.len(), 3);
    log.iter().for_each(|entry| entry.verify().unwrap());
}

#[tokio::test]
async fn given_history_when_a_row_is_replaced_by_hand_then_the_database_refuses() {
    let (place, _) = with_history().await;
    let plain = place.plain();
    plain.pragma_update(None, "recursive_triggers", "OFF").unwrap();
    for table in HISTORY {
        let replace = format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table} WHERE sequence = 3");
        let refused = refusal(plain.execute(&replace, []));
        assert!(refused.contains("the row is there already"), "{refused}");
    }
}

/// A record slipped into the commit that the head is at, under a rowid of its own choice.
fn forged(rowid: &str) -> String {
    format!(
        "INSERT OR REPLACE INTO approval_records (rowid, experiment_id, sequence, ordinal, id, transition_id, to_state, \
         decision, approver, timestamp, metadata) SELECT {rowid}, experiment_id, 3, 9, 'x', transition_id, to_state, \
         'Approved', 'mallory', 0, '{{}}' FROM approval_records WHERE sequence = 1"
    )
}

#[tokio::test]
async fn given_history_when_a_row_is_replaced_by_its_rowid_then_the_database_refuses() {
    let (place, _) = with_history().await;
    let plain = place.plain();
    plain.pragma_update(None, "recursive_triggers", "OFF").unwrap();
    for rowid in ["rowid", "0", "-1000", "1000"] {
        let refused = refusal(plain.execute(&forged(rowid), []));
        assert!(refused.contains("nobody chooses a rowid"), "{rowid}: {refused}");
    }
}

#[tokio::test]
async fn given_a_forged_row_without_a_rowid_like_ours_then_history_still_goes_on() {
    let (place, key) = with_history().await;
    place.plain().execute(&forged("-1"), []).unwrap();
    let backplane = place.connect().await;
    backplane.commit(&one_of_each(&key, 4)).await.unwrap();
    let heads = backplane.head(&key, Consistency::Strong).await.unwrap();
    assert_eq!(heads.sequence.get(), 4);
    // What was forged is found: it does not decode, or the fingerprint is wrong.
    let log = backplane.log(&key, Sequence::ZERO, PageSize::MAX, Consistency::Strong).await;
    assert!(log.is_err() || log.unwrap().iter().any(|entry| entry.verify().is_err()));
}

#[tokio::test]
async fn given_history_when_its_head_is_deleted_replaced_or_set_back_by_hand_then_the_database_refuses() {
    let (place, key) = with_history().await;
    let plain = place.plain();
    for change in [
        "DELETE FROM experiment_states",
        "INSERT OR REPLACE INTO experiment_states SELECT * FROM experiment_states",
        "UPDATE experiment_states SET sequence = sequence - 1",
        "UPDATE experiment_states SET sequence = sequence + 2",
        "UPDATE experiment_states SET sequence = sequence + 1, etag = NULL",
        "UPDATE experiment_states SET sequence = sequence + 1, recorded_at = 0",
        "INSERT INTO experiment_states SELECT 7, 'a', 'b', 'c', 1, 0, 0, 99, NULL, NULL, NULL, NULL, NULL, NULL",
        "INSERT INTO experiment_states SELECT 7, 'a', 'b', 'c', 2, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL",
        "UPDATE experiment_states SET tenant = 'another'",
        "UPDATE experiment_states SET latest_version = 0",
    ] {
        let refused = refusal(plain.execute(change, []));
        assert!(refused.contains("experiment_states: "), "{change}: {refused}");
    }
    assert!(place.connect().await.get_experiment_state(&key).await.unwrap().is_some());
}

#[tokio::test]
async fn given_pruned_history_when_what_was_pruned_is_deleted_then_the_database_allows_just_that() {
    let (place, _) = with_history().await;
    let plain = place.plain();
    let prune = "UPDATE experiment_states SET pruned_through = 1";
    assert!(refusal(plain.execute(prune, [])).contains("only retention prunes"));
    plain.execute_batch(&format!("DROP TRIGGER experiment_states_no_pruning; {prune}")).unwrap();
    assert_eq!(plain.execute("DELETE FROM policy_evaluations WHERE sequence = 1", []).unwrap(), 1);
    refusal(plain.execute("DELETE FROM policy_evaluations WHERE sequence = 2", []));
}

#[tokio::test]
async fn given_a_temporary_table_of_heads_that_are_pruned_when_history_is_deleted_then_the_database_refuses() {
    let (place, _) = with_history().await;
    let plain = place.plain();
    let shadow =
        "CREATE TEMP TABLE experiment_states AS SELECT id, sequence AS pruned_through FROM main.experiment_states";
    plain.execute_batch(shadow).unwrap();
    for table in HISTORY {
        let refused = refusal(plain.execute(&format!("DELETE FROM {table}"), []));
        assert!(refused.contains("only retention deletes rows"), "{refused}");
    }
}

#[tokio::test]
async fn given_history_when_a_record_is_slipped_into_an_old_or_a_coming_commit_then_the_database_refuses() {
    let (place, _) = with_history().await;
    let plain = place.plain();
    for sequence in [1, 2, 4] {
        let forged = format!(
            "INSERT INTO approval_records (experiment_id, sequence, ordinal, id, transition_id, to_state, decision, \
             approver, timestamp, metadata) SELECT experiment_id, {sequence}, 9, 'x', transition_id, to_state, \
             'Approved', 'mallory', 0, '{{}}' FROM approval_records WHERE sequence = 1"
        );
        assert!(refusal(plain.execute(&forged, [])).contains("the commit that is being written"));
        let forged = format!(
            "INSERT INTO governance_commits SELECT experiment_id, {sequence}, 'x', 'x', 0, NULL \
             FROM governance_commits WHERE sequence = 1"
        );
        refusal(plain.execute(&forged, []));
    }
}

#[tokio::test]
async fn given_the_tables_when_a_value_is_of_another_type_then_the_database_refuses() {
    let (place, _) = with_history().await;
    let plain = place.plain();
    plain.execute_batch("DROP TRIGGER state_transitions_no_update; DROP TRIGGER experiment_states_no_rewind").unwrap();
    for change in [
        "UPDATE state_transitions SET actor = x'00ff'",
        "UPDATE state_transitions SET timestamp = 'yesterday'",
        "UPDATE experiment_states SET sequence = 'many'",
        "UPDATE experiment_states SET etag = x'00'",
    ] {
        assert!(refusal(plain.execute(change, [])).contains("cannot store"), "{change}");
    }
}
