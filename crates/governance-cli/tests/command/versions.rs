//! Configuration versions: put, list, show, diff, rollback.

use crate::place::{Answer, Place};
use serde_json::{Value, json};

fn put(place: &Place, configuration: &Value, more: &[&str]) -> Answer {
    place.run_with(&[&["version", "put", "checkout", "-"], more].concat(), &configuration.to_string())
}

/// Two versions, of which the second runs.
fn running() -> (Place, Value, Value) {
    let place = Place::new();
    let first = json!({"traffic": 5, "steps": ["cart", "pay"], "old": null});
    let second = json!({"traffic": 18_446_744_073_709_551_615_u64, "steps": ["cart"], "a/b": {"new": true}});
    put(&place, &first, &["--description", "a start"]).expect(0);
    for state in ["PendingApproval", "Approved"] {
        place.done(&["transition", "checkout", state]);
    }
    put(&place, &second, &[]).expect(0);
    place.done(&["transition", "checkout", "Running"]);
    (place, first, second)
}

#[test]
fn given_two_versions_when_listed_and_shown_then_both_are_exactly_what_was_put() {
    let (place, first, second) = running();
    let list = place.json(&["version", "list", "checkout"]);
    let numbers: Vec<_> = list.as_array().unwrap().iter().map(|item| &item["record"]["version"]["number"]).collect();
    assert_eq!(numbers, [&json!(1), &json!(2)]);
    assert_eq!(place.json(&["version", "show", "checkout", "1"])["record"]["configuration"], first);
    assert_eq!(place.json(&["version", "show", "checkout"])["record"]["configuration"], second);
    assert!(place.done(&["version", "list", "checkout"]).stdout.contains("a start"));
}

#[test]
fn given_two_versions_when_compared_then_people_see_each_place_and_programs_get_a_patch() {
    let (place, mut first, second) = running();
    let table = place.done(&["version", "diff", "checkout", "1", "2"]).stdout;
    let row =
        |place: &str| table.lines().find(|line| line.contains(place)).unwrap_or_else(|| panic!("{place}: {table}"));
    assert!(row("/a~1b").contains("Added") && row("/a~1b").contains(r#"{"new":true}"#), "{table}");
    assert!(row("/old").contains("Removed"), "{table}");
    assert!(row("/steps/1").contains("Removed") && row("/steps/1").contains(r#""pay""#), "{table}");
    assert!(row("/traffic").contains("Modified") && row("/traffic").contains("18446744073709551615"), "{table}");

    let patch = place.json(&["version", "diff", "checkout", "1", "2"]);
    json_patch::patch(&mut first, &serde_json::from_value::<json_patch::Patch>(patch).unwrap()).unwrap();
    assert_eq!(first, second);
    assert_eq!(place.json(&["version", "diff", "checkout", "2", "2"]), json!([]));
}

#[test]
fn given_a_version_that_is_no_longer_the_latest_when_put_after_it_then_it_is_a_conflict() {
    let place = Place::new();
    put(&place, &json!(1), &["--if-version", "7", "--json"]).expect(4);
    put(&place, &json!(1), &["--if-version", "0"]).expect(0);
    assert_eq!(put(&place, &json!(1), &["--if-version", "0", "--json"]).expect(3).error()["head"]["latestVersion"], 1);
    put(&place, &json!(2), &["--if-version", "1"]).expect(0);
    let lost = put(&place, &json!(3), &["--if-version", "1", "--json"]).expect(3).error();
    assert_eq!((&lost["error"], &lost["head"]["latestVersion"]), (&json!("conflict"), &json!(2)));
    assert!(lost["help"].as_str().unwrap().contains("--if-version 2"), "{lost}");
}

#[test]
fn given_a_running_experiment_when_rolled_back_then_configuration_transition_and_state_are_one_commit() {
    let (place, first, _) = running();
    let before = place.json(&["state", "checkout"])["sequence"].as_u64().unwrap();
    let back = place.json(&["rollback", "checkout", "--to", "1", "--reason", "errors", "--actor", "erin"]);
    assert_eq!(back["sequence"], before + 1);
    let version = &back["records"][1]["version"];
    let provenance = ["number", "isRollback", "restoredVersion", "rolledBackFrom"].map(|name| &version[name]);
    assert_eq!(provenance, [&json!(3), &json!(true), &json!(1), &json!(2)]);
    assert_eq!(version["configuration"], first);
    assert_eq!(back["records"][0]["transition"]["to"], "RolledBack");
    let state = &place.json(&["state", "checkout"])["state"];
    assert_eq!((&state["lifecycleState"], &state["configurationVersion"]), (&json!("RolledBack"), &json!(3)));
    place.done(&["verify", "checkout"]);
}

#[test]
fn given_no_such_version_when_rolled_back_to_it_then_nothing_is_written() {
    let (place, ..) = running();
    let before = place.json(&["state", "checkout"]);
    let missing = place.run(&["rollback", "checkout", "--to", "9", "--json"]).expect(4).error();
    assert_eq!(missing["error"], "notFound");
    assert!(missing["message"].as_str().unwrap().contains("the latest is 2"), "{missing}");
    assert_eq!(place.json(&["state", "checkout"]), before);
}

#[test]
fn given_a_file_that_is_not_json_when_put_then_it_says_where_and_nothing_is_written() {
    let place = Place::new();
    place.write("broken.json", "{\n  \"traffic\": ,\n}");
    let broken = place.run(&["version", "put", "checkout", "broken.json", "--json"]).expect(2).error();
    assert_eq!(broken["error"], "invalid");
    assert!(broken["faults"][0]["problem"].as_str().unwrap().contains("line 2"), "{broken}");
    place.run(&["version", "put", "checkout", "missing.json"]).expect(2);
    place.run(&["state", "checkout"]).expect(4);
}

#[test]
fn given_a_running_experiment_when_rolled_back_to_stay_then_only_the_version_is_written() {
    let (place, first, _) = running();
    let before = place.json(&["state", "checkout"]);
    let id = "0191f3c4-7c1e-7a3b-8f64-1b2f6d9b0c55";
    let command = ["rollback", "checkout", "--to", "1", "--stay", "--commit-id", id];
    let back = place.json(&command);
    assert_eq!(back["records"].as_array().unwrap().len(), 1, "{back}");
    assert_eq!(back["records"][0]["version"]["configuration"], first);
    assert_eq!(place.json(&["state", "checkout"])["state"], before["state"]);
    assert_eq!(place.json(&command)["replayed"], true);
    // What is there already is nothing to go back to.
    let latest = place.run(&["rollback", "checkout", "--to", "3", "--stay", "--json"]).expect(2).error();
    assert_eq!(latest["error"], "invalid");
    // Unless it is not what runs: then the move puts it in effect.
    let moved = place.json(&["rollback", "checkout", "--to", "3"]);
    assert_eq!(moved["records"][1]["version"]["rolledBackFrom"], 2);
    assert_eq!(moved["state"]["configurationVersion"], 4);
}
