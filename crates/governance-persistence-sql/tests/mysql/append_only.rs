//! History cannot be changed in the database itself, by whatever client; not even by `root`, in a session
//! that looks after no foreign keys.

use crate::place::{Place, one_of_each, run};
use governance_persistence::{
    Backplane, BackplaneExt, Consistency, Error, ExperimentKey, PageSize, RecordId, Sequence,
};
use governance_persistence_conformance::Snapshot;
use sqlx::MySqlConnection;

const HISTORY: [&str; 6] = [
    "governance_commits",
    "state_transitions",
    "approval_records",
    "configuration_versions",
    "policy_definitions",
    "policy_evaluations",
];

/// A database whose every table of history has rows.
async fn with_history() -> Option<(Place, ExperimentKey)> {
    let place = Place::with_all_or_skip().await?;
    let backplane = place.connect().await;
    let key = ExperimentKey::new("checkout").unwrap();
    for number in 1..=3 {
        backplane.commit(&one_of_each(&key, number)).await.unwrap();
    }
    backplane.close().await.unwrap();
    Some((place, key))
}

async fn those_who_could(place: &Place) -> [MySqlConnection; 2] {
    let mut admin = place.admin().await;
    run(&mut admin, "SET SESSION foreign_key_checks = 0").await.unwrap();
    [place.plain().await, admin]
}

/// What our triggers say.
async fn refused(connection: &mut MySqlConnection, sql: &str) -> String {
    let Err(sqlx::Error::Database(error)) = run(connection, sql).await else { panic!("it must be refused: {sql}") };
    assert_eq!(error.code().as_deref(), Some("45000"), "{sql}: {error}");
    error.message().to_owned()
}

#[tokio::test]
async fn given_history_when_a_row_is_updated_replaced_or_deleted_then_the_database_refuses() {
    let Some((place, key)) = with_history().await else { return };
    let backplane = place.connect().await;
    let before = Snapshot::of(&backplane, &key).await;
    for mut connection in those_who_could(&place).await {
        for table in HISTORY {
            for change in [
                format!("UPDATE {table} SET sequence = sequence + 1"),
                format!("UPDATE IGNORE {table} SET sequence = sequence + 1"),
                format!("DELETE FROM {table} WHERE sequence = 2"),
                format!("DELETE IGNORE FROM {table}"),
                format!("REPLACE INTO {table} SELECT * FROM {table} WHERE sequence = 3"),
                format!("INSERT INTO {table} SELECT * FROM {table} s ON DUPLICATE KEY UPDATE sequence = s.sequence"),
            ] {
                let message = refused(&mut connection, &change).await;
                assert!(message.contains(&format!("{table}: append-only")), "{change}: {message}");
            }
        }
    }
    assert_eq!(Snapshot::of(&backplane, &key).await, before);
}

#[tokio::test]
async fn given_history_when_its_head_is_deleted_replaced_or_set_back_then_the_database_refuses() {
    let Some((place, key)) = with_history().await else { return };
    for mut connection in those_who_could(&place).await {
        for change in [
            "DELETE FROM experiment_states",
            "REPLACE INTO experiment_states SELECT * FROM experiment_states",
            "UPDATE experiment_states SET sequence = sequence - 1",
            "UPDATE experiment_states SET sequence = sequence",
            "UPDATE experiment_states SET sequence = sequence + 2",
            "UPDATE experiment_states SET sequence = sequence + 1, etag = NULL",
            "UPDATE experiment_states SET sequence = sequence + 1, recorded_at = 0",
            "UPDATE experiment_states SET sequence = sequence + 1, tenant = 'another'",
            "UPDATE experiment_states SET sequence = sequence + 1, latest_version = 0",
            "INSERT INTO experiment_states (tenant, environment, name, sequence, latest_version, recorded_at) \
             VALUES ('a', 'b', 'c', 2, 0, 0)",
            "INSERT INTO experiment_states (tenant, environment, name, sequence, latest_version, recorded_at, \
             pruned_through) VALUES ('a', 'b', 'c', 1, 0, 0, 99)",
        ] {
            let message = refused(&mut connection, change).await;
            assert!(message.contains("experiment_states: "), "{change}: {message}");
        }
    }
    assert!(place.connect().await.get_experiment_state(&key).await.unwrap().is_some());
}

#[tokio::test]
async fn given_history_when_a_table_that_others_refer_to_is_emptied_then_the_database_refuses() {
    let Some((place, _)) = with_history().await else { return };
    for table in ["experiment_states", "governance_commits"] {
        let emptied = run(&mut place.plain().await, &format!("TRUNCATE {table}")).await.unwrap_err();
        assert!(emptied.to_string().contains("foreign key"), "{emptied}");
    }
}

#[tokio::test]
async fn given_pruned_history_when_what_was_pruned_is_deleted_then_the_database_allows_just_that() {
    let Some((place, _)) = with_history().await else { return };
    let mut plain = place.plain().await;
    let message = refused(&mut plain, "UPDATE experiment_states SET pruned_through = 4").await;
    assert!(message.contains("pruning goes forward"), "{message}");
    for other in [
        "tenant = 'another'",
        "environment = 'another'",
        "name = 'another'",
        "sequence = sequence + 1",
        "latest_version = latest_version + 1",
        "recorded_at = recorded_at + 1",
        "etag = NULL",
        "lifecycle_state = 'Archived'",
        "configuration_version = 1",
        "last_modified = 0",
        "last_modified_by = 'mallory'",
        "last_modified_by = NULL",
        "metadata = '{\"a\": 1}'",
        // A comparison of texts takes no notice of these.
        "last_modified_by = 'alice '",
        "metadata = '{} '",
    ] {
        let change = format!("UPDATE experiment_states SET pruned_through = 1, {other}");
        let message = refused(&mut plain, &change).await;
        assert!(message.contains("pruning goes forward"), "{change}: {message}");
    }
    run(&mut plain, "UPDATE experiment_states SET pruned_through = 2").await.unwrap();
    refused(&mut plain, "UPDATE experiment_states SET pruned_through = 1").await;

    for table in HISTORY.into_iter().rev() {
        refused(&mut plain, &format!("DELETE FROM {table} WHERE sequence = 3")).await;
        let deleted = run(&mut plain, &format!("DELETE FROM {table} WHERE sequence <= 2")).await.unwrap();
        assert_eq!(deleted, 2, "{table}");
    }
}

#[tokio::test]
async fn given_the_tables_when_a_value_is_too_long_or_no_json_then_the_database_refuses() {
    let Some((place, _)) = with_history().await else { return };
    // Whatever the session's mode is, the constraint holds.
    place.execute("SET SESSION sql_mode = ''; DROP TRIGGER state_transitions_no_update").await;
    for metadata in ["", "{", "{\"a\": }", "nothing"] {
        let change = format!("UPDATE state_transitions SET metadata = '{metadata}'");
        run(&mut place.plain().await, &change).await.expect_err("it is no JSON");
    }
}

/// An INSERT is not refused: that would cost each commit a look-up a row. It is found all the same.
#[tokio::test]
async fn given_a_record_that_was_slipped_into_an_old_commit_when_reading_then_the_commit_is_no_longer_what_it_was() {
    let Some((place, key)) = with_history().await else { return };
    let backplane = place.connect().await;
    let mut plain = place.plain().await;
    for ordinal in [5, 9] {
        let forged = format!(
            "INSERT INTO approval_records (experiment_id, sequence, ordinal, id, transition_id, to_state, decision, approver, \
             timestamp, metadata) SELECT experiment_id, 2, {ordinal}, '{}', transition_id, to_state, 'Approved', 'mallory', \
             0, '{{}}' FROM approval_records WHERE sequence = 1",
            RecordId::new()
        );
        run(&mut plain, &forged).await.unwrap();
        let told = match backplane.log(&key, Sequence::new(1).unwrap(), PageSize::MAX, Consistency::Strong).await {
            Ok(log) => log.iter().find_map(|entry| entry.verify().err()),
            Err(error) => Some(error),
        };
        let Some(Error::Corrupt { sequence, .. }) = told else { panic!("ordinal {ordinal}: {told:?}") };
        assert_eq!(sequence.get(), 2);
    }
}
