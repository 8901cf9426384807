//! Given closed gates and requests that are not open, when programs ask, then each cause is a word, with what belongs
//! to it.

use crate::place::Place;
use serde_json::{Value, json};

const RULES: &str = "  approvalRequestsExpireAfter: 7d
  approvalGates:
    - { type: manual, name: review, fromState: PendingApproval, toState: Approved, approvals: 2 }
    - { type: roleBased, name: operators, fromState: Approved, toState: Running, allowedRoles: [sre] }
  policies:
    - { type: errorRate, maxErrorRate: 0.05, moves: [{ fromState: Approved, toState: Running }] }
";

/// Another file's rules: three have to approve.
fn stricter(place: &Place) -> &'static str {
    place.write("stricter.yaml", &place.read("governance.yaml").replace("approvals: 2", "approvals: 3"));
    "stricter.yaml"
}

/// An experiment that waits to be reviewed, and the transition that people were asked about.
fn requested() -> (Place, String) {
    let place = Place::new().with_rules(RULES);
    put(&place, 1);
    place.done(&["transition", "checkout", "PendingApproval"]);
    let transition = request(&place);
    (place, transition)
}

fn put(place: &Place, content: u32) {
    place.run_with(&["version", "put", "checkout", "-"], &content.to_string()).expect(0);
}

fn request(place: &Place) -> String {
    place.json(&["request", "checkout", "Approved"])["transitionId"].as_str().unwrap().to_owned()
}

/// The objection to the first gate or policy.
#[track_caller]
fn objection(place: &Place, args: &[&str]) -> Value {
    place.run(&[args, &["--json"]].concat()).expect(6).error()["objections"][0].clone()
}

/// What was told of a request that is not open; the exit code is 4 if nobody ever asked.
#[track_caller]
fn not_pending(place: &Place, transition: &str, code: i32) -> Value {
    let told = place.run(&["approve", "checkout", "--actor", "bob", "--transition", transition, "--json"]).expect(code);
    assert_eq!((&told.error()["error"], &told.error()["transitionId"]), (&json!("notPending"), &json!(transition)));
    told.error()
}

/// These members, and these values.
#[track_caller]
fn assert_has(told: &Value, expected: &Value) {
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(told.get(name), Some(value), "{name}: {told}");
    }
}

#[test]
fn given_a_closed_gate_when_a_move_is_refused_then_the_objection_has_its_cause() {
    let place = Place::new().with_rules(RULES);
    place.done(&["transition", "checkout", "PendingApproval"]);
    let approved = ["transition", "checkout", "Approved"];
    assert_has(&objection(&place, &approved), &json!({"cause": "notRequested", "needed": 2, "gate": "review"}));

    let (place, transition) = requested();
    place.done(&["approve", "checkout", "--actor", "bob"]);
    let waiting = json!({"cause": "waiting", "transitionId": transition, "approvedBy": ["bob"], "needed": 2});
    assert_has(&objection(&place, &approved), &waiting);
    let raised = objection(&place, &[&approved[..], &["--config", stricter(&place)]].concat());
    assert_has(&raised, &json!({"cause": "quorumRaised"}));
    assert_eq!((&raised["asked"]["approvals"], &raised["now"]["approvals"]), (&json!(2), &json!(3)));
    put(&place, 2);
    assert_has(&objection(&place, &approved), &json!({"cause": "configurationChanged", "approved": 1, "now": 2}));
    request(&place);
    place.done(&["reject", "checkout", "--actor", "carol", "--reason", "too early"]);
    let rejected = json!({"cause": "rejectedBy", "by": "carol", "reason": "too early"});
    assert_has(&objection(&place, &approved), &rejected);
}

#[test]
fn given_a_gate_that_asks_for_a_role_and_a_policy_when_a_move_is_refused_then_each_objection_has_its_cause() {
    let (place, _) = requested();
    for actor in ["bob", "carol"] {
        place.done(&["approve", "checkout", "--actor", actor]);
    }
    place.done(&["transition", "checkout", "Approved"]);
    let running = ["transition", "checkout", "Running", "--error-rate", "0.5"];
    let role = json!({"cause": "rejected", "reason": "alice has none of the roles sre"});
    assert_has(&objection(&place, &running), &role);
    let running = [&running[..], &["--role", "sre"]].concat();
    assert_has(&objection(&place, &running), &json!({"cause": "notCompliant", "policy": "errorRate"}));
    // Another file does not have the policy, and what it found stands.
    place.run(&["evaluate", "checkout", "--error-rate", "0.5"]).expect(6);
    place.write("fewer.yaml", place.read("governance.yaml").split("  policies:").next().unwrap());
    let without = objection(&place, &[&running[..], &["--config", "fewer.yaml"]].concat());
    assert_has(&without, &json!({"cause": "notSetUp", "policy": "errorRate"}));
}

#[test]
fn given_a_request_that_is_not_open_when_somebody_decides_then_the_cause_is_told() {
    let (place, first) = requested();
    let nobody = "0191f3c4-7c1e-7a3b-8f64-1b2f6d9b0c55";
    assert_has(&not_pending(&place, nobody, 4), &json!({"cause": "neverRequested"}));
    place.done(&["approve", "checkout", "--actor", "bob"]);
    assert_has(&not_pending(&place, &first, 3), &json!({"cause": "decidedAlready", "by": "bob"}));
    put(&place, 2);
    let changed = json!({"cause": "configurationChanged", "requested": 1, "now": 2});
    assert_has(&not_pending(&place, &first, 3), &changed);

    let second = request(&place);
    assert_has(&not_pending(&place, &first, 3), &json!({"cause": "replaced", "by": second}));
    place.done(&["reject", "checkout", "--actor", "carol"]);
    assert_has(&not_pending(&place, &second, 3), &json!({"cause": "rejected", "by": "carol"}));

    let third = request(&place);
    for actor in ["carol", "dave"] {
        place.done(&["approve", "checkout", "--actor", actor]);
    }
    assert_has(&not_pending(&place, &third, 3), &json!({"cause": "approved"}));
    place.done(&["transition", "checkout", "Approved"]);
    assert_has(&not_pending(&place, &third, 3), &json!({"cause": "stateLeft", "now": "Approved", "by": "alice"}));
}

#[test]
fn given_an_open_request_when_the_experiment_is_copied_then_the_copy_says_to_ask_anew() {
    let (from, transition) = requested();
    from.write("there.yaml", &from.read("governance.yaml").replace("sqlite:governance.db", "sqlite:there.db"));
    from.done(&["copy", "--all", "--to", "there.yaml"]);

    let there = ["--config", "there.yaml"];
    assert_eq!(from.json(&[&["pending"][..], &there].concat()), json!([]));
    let approve = ["approve", "checkout", "--actor", "bob"];
    let told = from.run(&[&approve[..], &["--transition", &transition, "--json"], &there].concat()).expect(3).error();
    assert_has(&told, &json!({"error": "notPending", "cause": "expired"}));
    let help = told["help"].as_str().unwrap();
    assert!(help.contains("governance request") && help.contains("`copy`"), "{told}");
    from.done(&[&["request", "checkout", "Approved"][..], &there].concat());
    from.done(&[&approve[..], &there].concat());
}

#[test]
fn given_a_request_that_enough_people_approved_when_the_experiment_is_copied_then_it_counts_in_the_copy() {
    let (from, _) = requested();
    for actor in ["bob", "carol"] {
        from.done(&["approve", "checkout", "--actor", actor]);
    }
    from.write("there.yaml", &from.read("governance.yaml").replace("sqlite:governance.db", "sqlite:there.db"));
    from.done(&["copy", "--all", "--to", "there.yaml"]);
    from.done(&["transition", "checkout", "Approved", "--config", "there.yaml"]);
}
