//! `governance demo`: what a newcomer sees first.

use crate::place::Place;

#[test]
fn given_a_new_place_when_the_demo_runs_twice_then_both_experiments_are_there_and_verified() {
    let place = Place::new();
    let (first, second) = (place.demo(), place.demo());
    assert_ne!(first, second);

    let experiments = place.json(&["experiments"]);
    let mut names: Vec<_> = experiments.as_array().unwrap().iter().map(|head| head["key"]["name"].clone()).collect();
    names.sort_by_key(ToString::to_string);
    let mut expected = [first, second];
    expected.sort();
    assert_eq!(names, expected);

    let verified = place.done(&["verify", "--all"]);
    assert!(verified.stdout.contains("Verified 2 experiments, 30 commits"), "{verified:?}");
}

#[test]
fn given_the_demo_when_it_tells_its_story_then_every_step_the_conflict_and_the_replay_are_in_it() {
    let told = Place::new().done(&["demo"]).stdout;
    let steps = [
        "Draft → PendingApproval",
        "Approved: Draft → PendingApproval, version 1, gate submission",
        "Pending: PendingApproval → Approved, version 1, gate review",
        "Rejected: PendingApproval → Approved, version 1, gate review",
        "0 of 2 are given",
        "bob         Approved: PendingApproval → Approved, version 1, gate review",
        "carol       Approved: PendingApproval → Approved, version 1, gate review",
        "Approved → Running",
        "has the role operator",
        "policy trafficLimit: complies, for Approved → Running",
        "Pending: Running → Ramping, version 2, gate review",
        "Running → Ramping",
        "policy errorRate: violated, Critical, in Ramping",
        "Ramping → RolledBack",
        "version 3, restores 1, back from 2",
        "may not go from PendingApproval to Approved for alice",
        "alice asked for this approval",
        "conflict on",
        "replayed",
        "There is 1 experiment here now.",
        "version diff checkout-",
    ];
    let mut rest = told.as_str();
    for step in steps {
        rest = rest.split_once(step).unwrap_or_else(|| panic!("{step} is missing, or too early, in\n{told}")).1;
    }
}

#[test]
fn given_the_demo_when_it_answers_in_json_then_the_loser_learns_who_won() {
    let told = Place::new().json(&["demo"]);
    let timeline = told["timeline"].as_array().unwrap();
    assert_eq!(timeline.len(), 15);
    assert!(told["refusal"].as_str().unwrap().contains("gate \"review\""), "{told}");
    assert!(told["selfApproval"].as_str().unwrap().contains("somebody else's"), "{told}");
    let winner = &told["conflict"]["head"]["state"];
    assert_eq!(winner["lifecycleState"], "Ramping");
    assert_eq!(winner["etag"], timeline[12]["commitId"]);
    assert_eq!(told["replay"]["replayed"], true);
    assert_eq!(told["replay"]["commitId"], timeline[7]["commitId"]);
    assert_eq!(told["head"]["state"]["lifecycleState"], "RolledBack");
    assert_eq!(told["experiments"], 1);
}

#[test]
fn given_the_demo_when_its_suggestions_are_pasted_then_each_of_them_works() {
    let place = Place::new();
    let told = place.json(&["demo"]);
    for line in told["next"].as_array().unwrap() {
        let line = line.as_str().unwrap();
        let words = line.strip_prefix("governance ").unwrap().replace("'a second try'", "again");
        place.done(&words.split(' ').collect::<Vec<_>>());
    }
}

#[test]
fn given_no_configuration_when_the_demo_runs_then_it_is_kept_in_an_sqlite_file_and_told() {
    let place = Place::new();
    let output = place.command().env("GOVERNANCE_CONFIG", "").arg("demo").output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && told.contains("the SQLite file governance.db"), "{told}");
    assert_eq!(place.json(&["experiments"]).as_array().unwrap().len(), 1);
}

#[test]
fn given_memory_when_the_demo_runs_then_it_warns_that_nothing_stays() {
    let place = Place::with_configuration("governance: { persistence: { type: inMemory } }\n");
    let told = place.done(&["demo"]);
    assert!(told.stderr.contains("nothing that is written outlives this command"), "{told:?}");
    assert!(told.stdout.contains("ends with this command"), "{told:?}");
    let told = place.done(&["demo", "--json"]);
    assert_eq!(told.error()["warning"], "inMemory");
    assert_eq!(told.json()["next"], serde_json::json!([]));
}

#[test]
fn given_a_tenant_when_the_demo_runs_there_then_the_default_tenant_does_not_see_it() {
    let place = Place::new();
    place.done(&["demo", "--tenant", "acme", "--environment", "test"]);
    assert_eq!(place.json(&["experiments"]), serde_json::json!([]));
    assert_eq!(place.json(&["experiments", "--tenant", "acme"]), serde_json::json!([]));
    let seen = |args: &[&str]| place.json(args).as_array().unwrap().len();
    assert_eq!(seen(&["experiments", "--tenant", "acme", "--environment", "test"]), 1);
    assert_eq!(seen(&["experiments", "--tenant", "acme", "--all-environments"]), 1);
    assert_eq!(seen(&["experiments", "--all-tenants", "--all-environments"]), 1);
    assert_eq!(seen(&["experiments", "--all-tenants", "--all-environments", "--state", "Draft"]), 0);
}

#[test]
fn given_a_policy_that_no_other_experiment_may_be_live_when_the_demo_was_played_then_it_stands_in_nobodys_way() {
    let place = Place::new();
    let alone = "  policies:\n    - { type: conflictPrevention, conflictingExperiments: any }\n";
    let place = place.with_rules(alone);
    place.demo();
    for state in ["PendingApproval", "Approved", "Running"] {
        place.done(&["transition", "basket", state]);
    }
}

#[test]
fn given_who_asks_for_help_then_it_says_that_the_demo_passes_no_gate_of_the_configuration() {
    let place = Place::new();
    let help = place.done(&["demo", "--help"]).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("Like import and copy, it passes no gate of the configuration file"), "{help}");
    let help = place.done(&["--help"]).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("Only import and copy") && help.contains("and demo, which has rules of its own"), "{help}");
}
