//! `governance migrate`: up, down, status, and the SQL of a dry run.

use crate::place::Place;
use serde_json::json;

fn unmigrated() -> Place {
    Place::with_configuration("governance:\n  persistence: { type: sql, connectionString: 'sqlite:governance.db' }\n")
}

#[test]
fn given_an_empty_database_when_migrated_up_and_down_then_status_follows() {
    let place = unmigrated();
    place.run(&["experiments"]).expect(2);
    let applied = || -> Vec<bool> {
        place.json(&["migrate", "status"]).as_array().unwrap().iter().map(|m| m["applied"] == true).collect()
    };
    assert!(applied().iter().all(|applied| !applied));
    let names = place.json(&["migrate", "up"])["applied"].as_array().unwrap().len();
    assert_eq!(applied(), vec![true; names]);
    assert_eq!(place.json(&["migrate", "up"]), json!({"applied": []}));
    place.demo();

    place.run(&["migrate", "down", "--steps", "1"]).expect(2);
    place.done(&["experiments"]);
    place.run(&["migrate", "down", "--yes"]).expect(2);
    place.done(&["migrate", "down", "--steps", &names.to_string(), "--yes"]);
    assert_eq!(applied(), vec![false; names]);
}

#[test]
fn given_a_dry_run_when_migrated_then_the_sql_is_shown_and_does_by_hand_what_the_command_does() {
    let place = unmigrated();
    let sql = place.done(&["migrate", "up", "--dry-run"]).stdout;
    assert!(sql.contains("CREATE TABLE") && sql.contains("CREATE TRIGGER"), "{sql}");
    assert!(place.json(&["migrate", "status"])[0]["applied"] == false);
    rusqlite::Connection::open_in_memory().unwrap().execute_batch(&sql).unwrap();
    let plan = place.json(&["migrate", "up", "--dry-run"]);
    assert_eq!(place.json(&["migrate", "--dry-run"]), plan);
    place.run(&["migrate"]).expect(2);
    assert!(plan[0]["statements"].as_array().unwrap().len() > 10, "{plan}");
}

#[test]
fn given_a_url_when_migrated_then_no_configuration_is_needed() {
    let place = unmigrated();
    for args in [&["migrate", "--url", "sqlite:other.db", "up"][..], &["migrate", "status", "--url", "sqlite:other.db"]]
    {
        let output = place.command().env_remove("GOVERNANCE_CONFIG").args(args).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    assert!(place.path("other.db").exists() && !place.path("governance.db").exists());
    let secret = place.run(&["migrate", "up", "--url", "mongodb://root:hunter2@db/x"]).expect(2);
    assert!(!secret.stderr.contains("hunter2"), "{secret:?}");
}

#[test]
fn given_memory_when_migrated_then_it_says_that_there_is_no_schema() {
    let place = Place::with_configuration("governance: { persistence: { type: inMemory } }\n");
    for args in [&["migrate", "up"][..], &["migrate", "status"], &["migrate", "down", "--steps", "1", "--yes"]] {
        assert!(place.done(args).stdout.contains("has no schema"), "{args:?}");
    }
    assert_eq!(place.json(&["migrate", "up"]), json!({"applied": []}));
}
