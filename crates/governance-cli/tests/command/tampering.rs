//! Changing what is stored, past the command: the database refuses, and once its triggers are
//! gone, `verify` finds it.

use crate::place::Place;
use rusqlite::Connection;
use serde_json::Value;
use std::io::ErrorKind;
use std::process::Command;

/// Takes away what guards the tables.
fn unguard(database: &Connection) {
    let triggers: Vec<String> = database
        .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert!(!triggers.is_empty());
    database.pragma_update(None, "foreign_keys", false).unwrap();
    for trigger in triggers {
        database.execute_batch(&format!("DROP TRIGGER \"{trigger}\"")).unwrap();
    }
}

/// Two experiments, the first of them changed by `sql`; the name of the first, and the problems
/// that verification finds.
#[track_caller]
fn tampered(sql: &str) -> (String, Vec<Value>) {
    let place = Place::new();
    let (first, second) = (place.demo(), place.demo());
    place.done(&["verify", "--all"]);
    let database = place.database();
    unguard(&database);
    let changed = database.execute(&sql.replace("$ID", &id_of(&database, &first).to_string()), []).unwrap();
    assert!(changed > 0, "{sql}");

    let told = place.run(&["verify", "--all"]).expect(1);
    assert!(told.stdout.contains(&format!("{first:?}, sequence ")), "{told:?}");
    assert!(!told.stdout.contains(&format!("{second:?}, sequence ")), "{told:?}");
    assert!(told.stderr.contains("what is stored is not what was committed"), "{told:?}");
    place.run(&["verify", &first]).expect(1);
    place.done(&["verify", &second]);

    let told = place.run(&["verify", "--all", "--json"]).expect(1);
    assert_eq!(told.error()["error"], "unsound");
    let report = told.json();
    assert_eq!(report["experiments"], 2, "{report}");
    let problems = report["problems"].as_array().unwrap().clone();
    assert!(problems.iter().all(|problem| problem["key"]["name"] == *first), "{report}");
    (first, problems)
}

fn id_of(database: &Connection, name: &str) -> i64 {
    database.query_row("SELECT id FROM experiment_states WHERE name = ?1", [name], |row| row.get(0)).unwrap()
}

/// Verification must name this sequence, and no other.
#[track_caller]
fn expect_sequences(sql: &str, expected: &[u64]) {
    let (_, problems) = tampered(sql);
    let sequences: Vec<_> = problems.iter().map(|problem| problem["sequence"].as_u64().unwrap()).collect();
    assert_eq!(sequences, expected, "{problems:#?}");
}

#[test]
fn given_a_changed_transition_when_verified_then_its_sequence_is_named() {
    expect_sequences("UPDATE state_transitions SET actor = 'mallory' WHERE experiment_id = $ID AND sequence = 7", &[7]);
}

#[test]
fn given_a_deleted_approval_when_verified_then_its_sequence_is_named() {
    expect_sequences("DELETE FROM approval_records WHERE experiment_id = $ID AND sequence = 3", &[3]);
}

#[test]
fn given_a_changed_configuration_when_verified_then_its_hash_gives_it_away() {
    expect_sequences(
        "UPDATE configuration_versions SET configuration = '{\"traffic\":100}' WHERE experiment_id = $ID AND number = 2",
        &[9],
    );
}

#[test]
fn given_a_deleted_commit_when_verified_then_the_gap_is_named() {
    let (_, problems) = tampered("DELETE FROM governance_commits WHERE experiment_id = $ID AND sequence = 4");
    let sequences: Vec<_> = problems.iter().map(|problem| problem["sequence"].as_u64().unwrap()).collect();
    assert!(sequences.contains(&4) || sequences.contains(&5), "{problems:#?}");
}

#[test]
fn given_a_deleted_last_commit_when_verified_then_the_head_gives_it_away() {
    expect_sequences("DELETE FROM governance_commits WHERE experiment_id = $ID AND sequence = 15", &[15]);
}

#[test]
fn given_a_changed_head_when_verified_then_the_log_contradicts_it() {
    for change in ["lifecycle_state = 'Running'", "last_modified_by = 'mallory'", "latest_version = 9"] {
        expect_sequences(&format!("UPDATE experiment_states SET {change} WHERE id = $ID"), &[15]);
    }
    expect_sequences("UPDATE experiment_states SET sequence = 13 WHERE id = $ID", &[14, 13]);
    expect_sequences("UPDATE experiment_states SET sequence = 17 WHERE id = $ID", &[17]);
}

#[test]
fn given_rows_that_do_not_decode_when_verified_then_they_are_named_and_the_rest_is_verified() {
    expect_sequences(
        "UPDATE state_transitions SET to_state = 'Launched' WHERE experiment_id = $ID AND sequence = 8",
        &[8],
    );
    expect_sequences("UPDATE governance_commits SET state = '{' WHERE experiment_id = $ID AND sequence = 8", &[8]);
}

/// Two tenants, one of which has an experiment whose head does not decode; what `verify --all`
/// reports. Tenants set the order in which experiments are listed.
fn with_faulty_head(tenant: &str) -> (Place, Value) {
    let place = Place::new();
    for tenant in ["a", "b"] {
        place.done(&["transition", "checkout", "PendingApproval", "--tenant", tenant]);
    }
    let database = place.database();
    unguard(&database);
    let sql = "UPDATE experiment_states SET lifecycle_state = 'Launched' WHERE tenant = ?1";
    assert_eq!(database.execute(sql, [tenant]).unwrap(), 1);
    let report = place.run(&["verify", "--all", "--json"]).expect(1).json();
    let problems = report["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 1, "{report}");
    assert_eq!((&problems[0]["key"]["tenant"], &problems[0]["sequence"]), (&tenant.into(), &1.into()));
    place.run(&["verify", "checkout", "--tenant", tenant]).expect(1);
    (place, report)
}

#[test]
fn given_a_head_that_does_not_decode_when_all_is_verified_then_it_goes_on_with_the_others() {
    let (_, report) = with_faulty_head("a");
    assert_eq!(report["experiments"], 2, "{report}");
}

#[test]
fn given_a_head_that_does_not_decode_when_one_is_listed_before_it_then_that_is_verified_all_the_same() {
    let (place, report) = with_faulty_head("b");
    assert_eq!(report["experiments"], 2, "{report}");
    place.done(&["verify", "checkout", "--tenant", "a"]);
}

#[test]
fn given_history_that_is_marked_as_pruned_when_verified_then_the_mark_is_named() {
    expect_sequences("UPDATE experiment_states SET pruned_through = 3 WHERE id = $ID", &[3]);
}

const CHANGES: [&str; 4] = [
    "UPDATE state_transitions SET actor = 'mallory'",
    "DELETE FROM approval_records",
    "UPDATE governance_commits SET recorded_at = 0",
    "INSERT OR REPLACE INTO configuration_versions SELECT * FROM configuration_versions",
];

#[test]
fn given_the_triggers_when_history_is_changed_then_the_database_refuses() {
    let place = Place::new();
    place.demo();
    let database = place.database();
    for change in CHANGES {
        let refused = database.execute_batch(change).unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{change}: {refused}");
    }
    place.done(&["verify", "--all"]);
}

#[test]
fn given_the_sqlite3_shell_when_history_is_changed_by_hand_then_the_database_refuses() {
    let place = Place::new();
    place.demo();
    for change in CHANGES {
        let output = match Command::new("sqlite3").arg(place.path("governance.db")).arg(change).output() {
            Ok(output) => output,
            Err(error) if error.kind() == ErrorKind::NotFound => return missing_shell(),
            Err(error) => panic!("{error}"),
        };
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && told.contains("append-only"), "{change}: {told}");
    }
    place.done(&["verify", "--all"]);
}

/// Where everything has to be there, a test that does not run is a test that failed.
fn missing_shell() {
    assert!(!xtask::services::required(), "the sqlite3 command is not installed");
    eprintln!("skipped: the sqlite3 command is not installed");
}
