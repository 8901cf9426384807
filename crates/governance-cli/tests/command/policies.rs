//! Policies that the configuration does not have: what they found stands until they are switched off.

use crate::place::Place;
use serde_json::json;

const MEASURES: &str = "  policies:
    - { type: errorRate, maxErrorRate: 0.05 }
";

const COMMIT: &str = "0191f3c4-7c1e-7a3b-8f64-1b2f6d9b0c55";

#[test]
fn given_a_policy_that_was_taken_out_when_it_is_switched_off_then_what_it_found_blocks_no_more() {
    // Given a running experiment, and too many errors
    let place = Place::new();
    let without = place.file("without.yaml", &place.read("governance.yaml"));
    let place = place.with_rules(MEASURES);
    for state in ["PendingApproval", "Approved", "Running"] {
        place.done(&["transition", "checkout", state]);
    }
    place.run(&["evaluate", "checkout", "--error-rate", "0.5"]).expect(6);
    // When the policy is taken out of the configuration, then a move is refused, and told what to do
    let ramp = ["--config", &without, "transition", "checkout", "Ramping"];
    let told = place.run(&ramp).expect(6).stderr;
    assert!(told.contains("`governance policies checkout --disable errorRate` switches it off"), "{told}");
    // When it is switched off, then that is recorded, with who and why
    let disable = ["policies", "checkout", "--disable", "errorRate", "--reason", "measured elsewhere"];
    let disable = [&["--config", &without][..], &disable, &["--actor", "erin", "--commit-id", COMMIT]].concat();
    let written = place.json(&disable);
    let definition = &written["records"][0]["definition"];
    assert_eq!((&definition["version"], &definition["enabled"]), (&json!(2), &json!(false)));
    assert_eq!((&definition["actor"], &written["commitId"]), (&json!("erin"), &json!(COMMIT)));
    let history = place.done(&["history", "checkout"]).stdout;
    let last = history.lines().last().unwrap();
    assert!(last.contains("version 2, switched off") && last.contains("measured elsewhere"), "{history}");
    // And once
    assert_eq!(place.json(&disable)["replayed"], true);
    place.run(&["--config", &without, "policies", "checkout", "--disable", "errorRate"]).expect(2);
    // Then the move is made
    place.done(&ramp);
    place.done(&["verify", "--all"]);
}

#[test]
fn given_a_policy_of_the_configuration_when_it_is_switched_off_then_that_is_refused() {
    let place = Place::new().with_rules(MEASURES);
    place.done(&["transition", "checkout", "PendingApproval"]);
    place.run(&["evaluate", "checkout", "--error-rate", "0.01"]).expect(0);
    let told = place.run(&["policies", "checkout", "--disable", "errorRate", "--json"]).expect(2).error();
    assert!(told["message"].as_str().unwrap().contains("is set up here"), "{told}");
    place.run(&["policies", "checkout", "--disable", "latency"]).expect(4);
    place.run(&["policies", "nobody", "--disable", "latency"]).expect(4);
    place.run(&["policies", "checkout", "--reason", "why"]).expect(2);
}

#[test]
fn given_a_refused_attempt_when_the_policies_are_listed_then_they_found_what_they_found_before() {
    let gate = "  approvalGates:
    - { type: roleBased, name: operators, fromState: Running, toState: Ramping, allowedRoles: [operator] }
";
    let place = Place::new().with_rules(&format!("{gate}{MEASURES}"));
    for state in ["PendingApproval", "Approved", "Running"] {
        place.done(&["transition", "checkout", state]);
    }
    place.run(&["evaluate", "checkout", "--error-rate", "0.5"]).expect(6);
    place.run(&["transition", "checkout", "Ramping", "--error-rate", "0", "--actor", "mallory"]).expect(6);
    let policies = place.json(&["policies", "checkout"]);
    assert_eq!(policies[0]["latestEvaluation"]["record"]["compliant"], false, "{policies}");
    // Where there is nothing but a refused attempt, nothing was found yet.
    for state in ["PendingApproval", "Approved"] {
        place.done(&["transition", "basket", state]);
    }
    let limited = place.read("governance.yaml") + "    - { type: trafficLimit, maxTrafficPercentage: 10 }\n";
    let limited = place.file("limited.yaml", &limited);
    place.run(&["--config", &limited, "transition", "basket", "Running", "--traffic", "50"]).expect(6);
    let listed = place.done(&["policies", "basket"]).stdout;
    assert!(listed.contains("trafficLimit") && listed.contains("nothing yet"), "{listed}");
}

#[test]
fn given_a_commit_id_when_an_evaluation_is_repeated_then_it_is_recorded_once() {
    let place = Place::new().with_rules(MEASURES);
    place.done(&["transition", "checkout", "PendingApproval"]);
    let evaluate = ["evaluate", "checkout", "--error-rate", "0.01", "--commit-id", COMMIT];
    let (first, again) = (place.json(&evaluate), place.json(&evaluate));
    assert_eq!((&first["replayed"], &again["replayed"]), (&json!(false), &json!(true)));
    assert_eq!((&first["records"], &again["compliant"]), (&again["records"], &json!(true)));
    place.run(&["evaluate", "checkout", "--error-rate", "0.02", "--commit-id", COMMIT]).expect(3);
}
