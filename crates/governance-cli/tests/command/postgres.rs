//! The command on a PostgreSQL server: the same answers as on a file, and what only a server can lack.

use crate::place::{Answer, Place};
use crate::server::{Schema, place};
use serde_json::json;

#[test]
fn given_a_server_when_the_demo_is_played_then_it_verifies_and_travels_to_a_file_and_back() {
    let (Some(schema), Some(second)) = (Schema::or_skip(), Schema::or_skip()) else { return };
    let place = schema.place();
    let name = place.demo();
    place.done(&["verify", "--all"]);
    assert_eq!(place.json(&["state", &name])["state"]["lifecycleState"], "RolledBack");

    let file = place.other("file");
    let copied = place.json(&["copy", "--to", &file, "--all"]);
    assert_eq!((&copied["applied"], &copied["refused"]), (&7.into(), &0.into()));
    place.done(&["verify", "--all", "--config", &file]);
    assert_eq!(place.contents(&file), place.contents("governance.yaml"));

    let back = second.place();
    back.write("all.jsonl", &place.contents(&file));
    assert_eq!(back.json(&["import", "all.jsonl"])["applied"], 7);
    assert_eq!(back.json(&["import", "all.jsonl"])["alreadyApplied"], 7);
    back.done(&["verify", "--all"]);
    assert_eq!(back.contents("governance.yaml"), place.contents("governance.yaml"));
}

#[test]
fn given_a_file_when_copied_to_a_server_and_again_when_it_has_grown_then_both_are_the_same() {
    let Some(schema) = Schema::or_skip() else { return };
    let place = schema.place();
    let file = place.other("file");
    place.done(&["demo", "--config", &file]);
    let args = ["copy", "--config", &file, "--to", "governance.yaml", "--all"];
    assert_eq!(place.json(&args)["applied"], 7);
    place.done(&["transition", "a", "PendingApproval", "--config", &file]);
    assert_eq!(place.json(&args)["applied"], 1);
    assert_eq!(place.contents("governance.yaml"), place.contents(&file));
}

#[test]
fn given_an_empty_schema_when_migrated_up_and_down_then_status_follows() {
    let Some(schema) = Schema::or_skip() else { return };
    let place = place(&schema.url(), "migrate: never");
    let told = place.run(&["experiments"]).expect(2).stderr;
    assert!(told.contains("governance migrate up"), "{told}");
    let applied = || -> Vec<bool> {
        place.json(&["migrate", "status"]).as_array().unwrap().iter().map(|m| m["applied"] == true).collect()
    };
    assert!(applied().iter().all(|applied| !applied));
    let sql = place.done(&["migrate", "up", "--dry-run"]).stdout;
    assert!(sql.contains("CREATE TABLE \"experiment_states\"") && sql.contains("ENABLE ALWAYS TRIGGER"), "{sql}");
    assert!(applied().iter().all(|applied| !applied));

    let names = place.json(&["migrate", "up"])["applied"].as_array().unwrap().len();
    assert_eq!(applied(), vec![true; names]);
    assert_eq!(place.json(&["migrate", "up"]), json!({"applied": []}));
    place.demo();
    place.run(&["migrate", "down", "--steps", "1"]).expect(2);
    place.done(&["migrate", "down", "--steps", &names.to_string(), "--yes"]);
    assert_eq!(applied(), vec![false; names]);
}

#[test]
fn given_only_the_variable_when_migrated_then_no_configuration_is_needed_and_one_goes_before() {
    let Some(schema) = Schema::or_skip() else { return };
    let place = place(&schema.url(), "migrate: never");
    let output = place.command().env_remove("GOVERNANCE_CONFIG").args(["migrate", "up"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(place.json(&["migrate", "status"])[0]["applied"], true);

    let file = place.other("file");
    let status = place.json(&["migrate", "status", "--config", &file]);
    assert_eq!(status[0]["applied"], false, "the configuration's database is another");
}

#[test]
fn given_a_server_that_cannot_be_used_when_asked_then_the_exit_code_says_whose_turn_it_is() {
    let Some(schema) = Schema::or_skip() else { return };
    for (url, code, words) in [
        (schema.url_of_stranger(), 2, "refused by the server"),
        (schema.url_of_no_database(), 2, "a database that does not exist"),
        (schema.url() + "&sslmod=require", 2, "unknown parameter"),
        ("postgres://u:hunter2@127.0.0.1:1/db".to_owned(), 5, "nothing was applied"),
    ] {
        let place = place(&url, "acquireTimeout: 500ms");
        let told = place.run(&["state", "x"]).expect(code);
        assert_told(&told, words);
        let told = place.command().env_remove("GOVERNANCE_CONFIG").args(["migrate", "status"]).output().unwrap();
        assert_eq!(told.status.code(), Some(code), "{told:?}");
        assert!(!String::from_utf8_lossy(&told.stderr).contains("hunter2"), "{told:?}");
    }
}

/// The words are told, and no password.
fn assert_told(told: &Answer, words: &str) {
    // A diagnostic breaks its lines where it likes.
    let said = told.stderr.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(words) && !said.contains("hunter2"), "{told:#?}");
}

#[test]
fn given_options_of_the_other_engine_when_validated_then_each_is_told() {
    let place = Place::with_configuration(
        "governance:\n  persistence:\n    type: sql\n    connectionString: postgres://u:hunter2@h/db\n    \
         options: { busyTimeout: 5s, synchronous: full }\n",
    );
    let told = place.run(&["validate", "governance.yaml", "--json"]).expect(2);
    assert_eq!(told.json()[0]["diagnostics"].as_array().unwrap().len(), 2, "{told:?}");
    assert!(!format!("{told:?}").contains("hunter2"), "{told:?}");
}
