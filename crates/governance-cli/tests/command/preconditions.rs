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
fn given_nothing_saved_when_it_is_drafted_then_it_is_there_and_nothing_moved() {
    let place = Place::new();
    assert_eq!(place.json(&["transition", "checkout", "Draft", "--if-absent"])["records"], json!([]));
    let again = place.run(&["transition", "checkout", "Draft", "--if-absent", "--json"]).expect(3);
    assert_eq!(again.error()["error"], "conflict");
}

#[test]
fn given_a_draft_when_moved_where_the_lifecycle_does_not_lead_then_it_says_where_it_does() {
    let place = Place::new();
    place.done(&["transition", "checkout", "Draft"]);
    let refused = place.run(&["transition", "checkout", "Running"]).expect(1);
    assert!(refused.stderr.contains("cannot go to Running"), "{refused:?}");
    assert!(refused.stderr.contains("from Draft it may go to PendingApproval, Archived"), "{refused:?}");
    assert_eq!(place.json(&["state", "checkout"])["sequence"], 1);
}

#[test]
fn given_an_etag_that_was_replaced_when_it_is_matched_then_the_conflict_names_the_winner() {
    let place = Place::new();
    let first = place.json(&["transition", "checkout", "Draft"])["etag"].as_str().unwrap().to_owned();
    place.done(&["transition", "checkout", "PendingApproval", "--if-match", &first, "--actor", "bob"]);

    let late = ["transition", "checkout", "Archived", "--if-match", &first];
    let lost = place.run(&[&late[..], &["--json"]].concat()).expect(3).error();
    assert_eq!(lost["error"], "conflict");
    assert_eq!(lost["head"]["state"]["lastModifiedBy"], "bob");
    assert_eq!(lost["head"]["state"]["lifecycleState"], "PendingApproval");
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

#[test]
fn given_a_configuration_when_approved_then_the_approval_is_bound_to_it_and_to_the_transition() {
    let place = Place::new();
    place.done(&["transition", "checkout", "PendingApproval"]);
    place.run_with(&["version", "put", "checkout", "-"], r#"{"traffic":5}"#).expect(0);
    let approved = place.json(&["approve", "checkout", "--to", "Approved", "--gate", "release", "--actor", "bob"]);
    let approval = &approved["records"][0]["approval"];
    let version = place.json(&["version", "show", "checkout"]);
    assert_eq!(approval["configurationHash"], version["record"]["hash"]);
    assert_eq!(approval["configurationVersion"], 1);
    assert_eq!((&approval["approver"], &approval["from"]), (&json!("bob"), &json!("PendingApproval")));

    let transition = approval["transitionId"].as_str().unwrap();
    let moved = place.json(&["transition", "checkout", "Approved", "--transition", transition]);
    assert_eq!(moved["records"][0]["transition"]["id"], transition);

    let rejected = place.json(&["approve", "checkout", "--to", "Running", "--reject", "--reason", "too early"]);
    assert_eq!(rejected["records"][0]["approval"]["decision"], "Rejected");
    let running = place.json(&["transition", "checkout", "Running"]);
    assert_eq!(running["state"]["configurationVersion"], 1);
    let again = ["transition", "checkout", "Paused", "--transition", transition, "--json"];
    assert_eq!(place.run(&again).expect(3).error()["error"], "recordIdReused");
}
