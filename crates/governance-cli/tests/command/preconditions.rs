//! Moving an experiment: what the lifecycle allows, and what the caller expects to be there.

use crate::place::Place;
use serde_json::json;

#[test]
fn given_nothing_saved_when_moved_then_it_counts_as_draft() {
    let place = Place::new();
    let moved = place.json(&["transition", "checkout", "pending-approval", "--reason", "first line\nsecond"]);
    assert_eq!(moved["records"][0]["transition"]["from"], "Draft");
    assert_eq!(moved["state"]["lifecycleState"], "PendingApproval");
    assert_eq!(moved["etag"], moved["commitId"]);
    let head = place.json(&["state", "checkout"]);
    assert_eq!(head["state"]["etag"], moved["etag"]);
    assert_eq!(head["state"]["lastModifiedBy"], "alice");
}

#[test]
fn given_a_first_move_when_another_one_was_first_then_it_is_a_conflict() {
    let place = Place::new();
    place.done(&["transition", "checkout", "PendingApproval", "--if-absent"]);
    let again = place.run(&["transition", "checkout", "Approved", "--if-absent", "--json"]).expect(3).error();
    assert_eq!(again["error"], "conflict");
    assert_eq!(again["head"]["state"]["lifecycleState"], "PendingApproval");
}

#[test]
fn given_a_draft_when_moved_where_the_lifecycle_does_not_lead_then_it_says_where_it_does() {
    let place = Place::new();
    place.done(&["version", "put", "checkout", &place.file("one.json", "1")]);
    let refused = place.run(&["transition", "checkout", "Running"]).expect(1);
    assert!(refused.stderr.contains("cannot go to Running"), "{refused:?}");
    assert!(refused.stderr.contains("it may go to PendingApproval, Archived"), "{refused:?}");
    let refused = place.run(&["transition", "checkout", "Draft", "--json"]).expect(1).error();
    assert_eq!((&refused["error"], &refused["allowed"][0]), (&json!("notAllowed"), &json!("PendingApproval")));
    assert_eq!(place.json(&["state", "checkout"])["sequence"], 1);
}

#[test]
fn given_an_etag_that_was_replaced_when_it_is_matched_then_the_conflict_names_the_winner() {
    let place = Place::new();
    let first = place.json(&["transition", "checkout", "PendingApproval"])["etag"].as_str().unwrap().to_owned();
    place.done(&["transition", "checkout", "Approved", "--if-match", &first, "--actor", "bob"]);

    let late = ["transition", "checkout", "Archived", "--if-match", &first];
    let lost = place.run(&[&late[..], &["--json"]].concat()).expect(3).error();
    assert_eq!(lost["error"], "conflict");
    assert_eq!(lost["head"]["state"]["lastModifiedBy"], "bob");
    assert_eq!(lost["head"]["state"]["lifecycleState"], "Approved");
    let told = place.run(&late).expect(3).stderr;
    let etag = lost["head"]["state"]["etag"].as_str().unwrap();
    assert!(told.contains("set by bob at") && told.contains(&format!("--if-match {etag}")), "{told}");
}

#[test]
fn given_a_commit_id_when_the_move_is_repeated_then_it_is_applied_once() {
    let place = Place::new();
    let id = "0191f3c4-7c1e-7a3b-8f64-1b2f6d9b0c55";
    let command = ["transition", "checkout", "PendingApproval", "--commit-id", id, "--reason", "why"];
    let first = place.json(&command);
    place.done(&["transition", "checkout", "Approved"]);
    let again = place.json(&command);
    assert_eq!((&first["replayed"], &again["replayed"]), (&json!(false), &json!(true)));
    assert_eq!(first["records"], again["records"]);
    assert_eq!(first["sequence"], again["sequence"]);

    let other = ["transition", "checkout", "PendingApproval", "--commit-id", id, "--reason", "another", "--json"];
    assert_eq!(place.run(&other).expect(3).error()["error"], "commitIdReused");
    assert_eq!(place.json(&["state", "checkout"])["sequence"], 2);
}
