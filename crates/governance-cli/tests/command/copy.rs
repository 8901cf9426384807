//! `governance copy`: from one store to another, and again when there is more.

use crate::place::Place;
use serde_json::Value;

fn counts(report: &Value) -> [u64; 4] {
    ["entries", "applied", "alreadyApplied", "refused"].map(|name| report[name].as_u64().unwrap())
}

#[test]
fn given_a_store_when_copied_and_copied_again_when_it_has_grown_then_the_target_is_the_same() {
    let place = Place::new();
    let other = place.other("other");
    place.demo();
    place.done(&["transition", "a", "PendingApproval"]);
    let args = ["copy", "--to", &other, "--all"];
    assert_eq!(counts(&place.json(&args)), [16, 16, 0, 0]);
    place.done(&["transition", "a", "Approved"]);
    place.done(&["transition", "b", "PendingApproval", "--tenant", "acme"]);
    assert_eq!(counts(&place.json(&args)), [18, 2, 16, 0]);
    let told = place.done(&args).stdout;
    assert_eq!(told, "Copied 3 experiments, 18 commits: 0 applied, 18 there already.\n");
    assert_eq!(place.contents(&other), place.contents("governance.yaml"));
    place.done(&["verify", "--all", "--config", &other]);
}

#[test]
fn given_a_tenant_or_a_name_when_copied_then_nothing_else_is() {
    let place = Place::new();
    let other = place.other("other");
    for (name, tenant) in [("a", "acme"), ("b", "acme"), ("a", "")] {
        place.done(&["transition", name, "PendingApproval", "--tenant", tenant]);
    }
    place.done(&["copy", "a", "--to", &other]);
    assert_eq!(place.contents(&other), place.done(&["export"]).stdout);
    place.done(&["copy", "--to", &other, "--tenant", "acme"]);
    assert_eq!(place.contents(&other), place.contents("governance.yaml"));
}

#[test]
fn given_a_target_with_another_history_when_copied_then_it_is_3_and_the_others_are_copied() {
    let place = Place::new();
    let other = place.other("other");
    for name in ["a", "b", "c"] {
        place.done(&["transition", name, "PendingApproval"]);
        place.done(&["transition", name, "Approved"]);
    }
    // One that differs at its only entry, one that parts after a common beginning.
    place.done(&["transition", "a", "PendingApproval", "--config", &other]);
    place.done(&["copy", "b", "--to", &other]);
    place.done(&["transition", "b", "Running"]);
    place.done(&["transition", "b", "Ramping", "--config", &other]);
    let kept = ["a", "b"].map(|name| place.done(&["export", name, "--config", &other]).stdout);
    let answer = place.run(&["copy", "--to", &other, "--json"]).expect(3);
    let report = answer.json();
    assert_eq!(counts(&report), [7, 2, 2, 3]);
    let problems: Vec<_> =
        report["problems"].as_array().unwrap().iter().map(|it| (&it["key"]["name"], &it["sequence"])).collect();
    assert_eq!(problems, [(&"a".into(), &1.into()), (&"b".into(), &3.into())]);
    assert_eq!(answer.error()["error"], "diverged");
    assert_eq!(["a", "b"].map(|name| place.done(&["export", name, "--config", &other]).stdout), kept);
    assert_eq!(place.json(&["state", "c", "--config", &other]), place.json(&["state", "c"]));
}

#[test]
fn given_a_target_that_is_ahead_when_copied_then_it_stays_ahead() {
    let place = Place::new();
    let other = place.other("other");
    place.done(&["transition", "a", "PendingApproval"]);
    place.done(&["copy", "--to", &other]);
    place.done(&["transition", "a", "Approved", "--config", &other]);
    let ahead = place.contents(&other);
    assert_eq!(counts(&place.json(&["copy", "--to", &other])), [1, 0, 1, 0]);
    assert_eq!(place.contents(&other), ahead);
}

#[test]
fn given_a_faulty_configuration_of_the_target_when_copied_then_it_is_2() {
    let place = Place::new();
    place.write("faulty.yaml", "governance: { persistence: { type: sqll } }");
    for to in ["faulty.yaml", "nowhere.yaml"] {
        assert_eq!(place.run(&["copy", "--to", to, "--json"]).expect(2).error()["error"], "configuration");
    }
    place.run(&["copy"]).expect(2);
}
