//! Every command that writes meets the gates and the policies of the configuration file.

use crate::place::Place;
use serde_json::{Value, json};

/// Two people approve; operators start; at most 10 % of the traffic, at most 5 % of the requests fail.
const RULES: &str = "  approvalGates:
    - { type: automatic, name: submission, fromState: Draft, toState: PendingApproval }
    - { type: manual, name: review, fromState: any, toState: Approved, approvals: 2, selfApproval: forbidden }
    - { type: roleBased, name: operators, fromState: Approved, toState: Running, allowedRoles: [operator, sre] }
  policies:
    - { type: trafficLimit, maxTrafficPercentage: 10.0 }
    - { type: errorRate, maxErrorRate: 0.05 }
";

impl Place {
    /// The same with gates and policies.
    pub(crate) fn with_rules(self, rules: &str) -> Self {
        let configuration = self.read("governance.yaml") + rules;
        self.write("governance.yaml", &configuration);
        self
    }

    /// A version that shows this share of the traffic.
    pub(crate) fn put(&self, traffic: u32) {
        self.run_with(&["version", "put", "checkout", "-"], &json!({ "traffic": traffic }).to_string()).expect(0);
    }

    /// A refused command line; what it was told.
    #[track_caller]
    pub(crate) fn refused(&self, args: &[&str]) -> Value {
        let told = self.run(&[args, &["--json"]].concat()).expect(6).error();
        assert_eq!(told["error"], "refused", "{told}");
        told
    }

    fn state(&self) -> String {
        self.json(&["state", "checkout"])["state"]["lifecycleState"].as_str().unwrap().to_owned()
    }
}

fn governed() -> Place {
    Place::new().with_rules(RULES)
}

/// A place where version 1 waits for approval.
fn requested() -> (Place, String) {
    let place = governed();
    place.put(5);
    place.done(&["transition", "checkout", "PendingApproval"]);
    let asked = place.json(&["request", "checkout", "Approved", "--reason", "ready"]);
    (place, asked["transitionId"].as_str().unwrap().to_owned())
}

/// From a draft to running, past every gate on the way, and what each says to who may not pass.
#[track_caller]
pub(crate) fn walk_through_gates(place: Place) {
    let place = place.with_rules(RULES);
    place.put(5);
    let submitted = place.done(&["transition", "checkout", "PendingApproval"]).stdout;
    assert!(submitted.contains("gate submission"), "{submitted}");

    // Nobody was asked.
    let approved = ["transition", "checkout", "Approved"];
    let told = place.refused(&approved);
    assert_eq!((&told["objections"][0]["gate"], &told["sequence"]), (&json!("review"), &json!(3)));
    assert!(told["objections"][0]["help"].as_str().unwrap().contains("governance request checkout Approved"), "{told}");

    let asked = place.json(&["request", "checkout", "Approved", "--reason", "ready"]);
    assert_eq!((&asked["gates"], &asked["configuration"]["number"]), (&json!(["review"]), &json!(1)));
    let waiting = place.json(&["pending"]);
    assert_eq!(waiting.as_array().unwrap().len(), 1, "{waiting}");
    assert_eq!(waiting[0]["transitionId"], asked["transitionId"]);
    assert_eq!((&waiting[0]["requestedBy"], &waiting[0]["approvedBy"]), (&json!("alice"), &json!([])));
    assert_eq!(place.json(&["pending", "checkout"]), waiting);

    // Two others, each once.
    let own = place.run(&["approve", "checkout", "--json"]).expect(6).error();
    assert_eq!(own["error"], "selfApproval");
    assert_eq!(place.json(&["approve", "checkout", "--actor", "bob"])["stillNeeded"], 1);
    let again = place.run(&["approve", "checkout", "--actor", "bob", "--json"]).expect(3).error();
    assert_eq!(again["error"], "notPending");
    let told = place.refused(&approved);
    let objection = &told["objections"][0];
    assert_eq!((&objection["approvedBy"], &objection["needed"]), (&json!(["bob"]), &json!(2)));
    assert_eq!(place.json(&["approve", "checkout", "--actor", "carol"])["stillNeeded"], 0);
    assert_eq!(place.json(&["pending"]), json!([]));
    let moved = place.json(&approved);
    assert_eq!(moved["records"][0]["transition"]["id"], asked["transitionId"]);

    // A gate and a policy, both at once.
    let told = place.refused(&["transition", "checkout", "Running", "--traffic", "50"]);
    let against: Vec<_> = told["objections"].as_array().unwrap().iter().map(|it| &it["problem"]).collect();
    assert_eq!(against[0], "alice has none of the roles operator, sre");
    assert!(against[1].as_str().unwrap().contains("50 % of traffic, where 10 % are allowed"), "{told}");
    place.done(&["transition", "checkout", "Running", "--traffic", "5", "--role", "operator"]);
    assert_eq!(place.state(), "Running");

    let bad = place.run(&["evaluate", "checkout", "--error-rate", "0.2", "--traffic", "5", "--json"]).expect(6);
    assert_eq!((&bad.error()["policies"], &bad.json()["compliant"]), (&json!(["errorRate"]), &json!(false)));
    let policies = place.json(&["policies", "checkout"]);
    let found = |policy: &Value| policy["latestEvaluation"]["record"]["compliant"].clone();
    let names: Vec<_> =
        policies.as_array().unwrap().iter().map(|it| (&it["definition"]["record"]["name"], found(it))).collect();
    assert_eq!(names, [(&json!("errorRate"), json!(false)), (&json!("trafficLimit"), json!(true))]);
    place.done(&["evaluate", "checkout", "--policy", "errorRate", "--error-rate", "0.01"]);
    place.done(&["verify", "--all"]);
}

#[test]
fn given_gates_and_policies_when_an_experiment_goes_its_way_then_each_lets_through_whom_it_may() {
    walk_through_gates(Place::new());
}

#[test]
fn given_a_refused_move_when_people_read_it_then_each_objection_says_what_to_do() {
    let place = governed();
    place.done(&["transition", "checkout", "PendingApproval"]);
    let told = place.run(&["transition", "checkout", "Approved"]).expect(6).stderr;
    for words in [
        r#"error: "checkout" may not go from PendingApproval to Approved for alice:"#,
        r#"  - gate "review": it needs 2 approvals by people"#,
        "    ask them: `governance request checkout Approved`",
        "the refusal is recorded as sequence 2",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[test]
fn given_an_approved_configuration_when_it_is_edited_then_the_move_is_refused_and_says_why() {
    let (place, _) = requested();
    for actor in ["bob", "carol"] {
        place.done(&["approve", "checkout", "--actor", actor, "--version", "1"]);
    }
    place.put(9);
    let told = place.refused(&["transition", "checkout", "Approved"]);
    let problem = told["objections"][0]["problem"].as_str().unwrap();
    assert!(problem.contains("approval was asked for version 1") && problem.contains("version 2 now"), "{told}");
    assert_eq!(place.state(), "PendingApproval");
}

#[test]
fn given_a_request_when_it_is_not_about_what_was_looked_at_then_the_approval_is_a_conflict() {
    let (place, transition) = requested();
    let args = ["approve", "checkout", "--actor", "bob", "--version", "2", "--json"];
    for more in [&[][..], &["--transition", &transition]] {
        let told = place.run(&[&args[..], more].concat()).expect(3).error();
        assert!(told["message"].as_str().unwrap().contains("is about version 1, not version 2"), "{told}");
    }
    assert_eq!(place.json(&["pending"])[0]["approvedBy"], json!([]));
}

#[test]
fn given_a_request_when_somebody_rejects_it_then_it_is_closed_and_the_move_refused() {
    let (place, transition) = requested();
    let rejected = place.json(&["reject", "checkout", "--actor", "bob", "--reason", "too early"]);
    assert_eq!(rejected["records"][0]["approval"]["decision"], "Rejected");
    assert_eq!(place.json(&["pending", "checkout"]), json!([]));
    assert!(place.done(&["pending"]).stdout.contains("Nothing waits"));
    let told = place.refused(&["transition", "checkout", "Approved"]);
    assert_eq!(told["objections"][0]["problem"], "rejected by bob: too early");
    place.run(&["approve", "checkout", "--actor", "carol"]).expect(4);
    place.run(&["approve", "checkout", "--actor", "carol", "--transition", &transition]).expect(3);
    let nobody = "0191f3c4-7c1e-7a3b-8f64-1b2f6d9b0c55";
    let told = place.run(&["approve", "checkout", "--transition", nobody, "--json"]).expect(4).error();
    assert_eq!(told["error"], "notPending");
}

#[test]
fn given_commit_ids_when_a_request_and_decisions_are_repeated_then_each_is_made_once() {
    let place = governed();
    place.put(5);
    place.done(&["transition", "checkout", "PendingApproval"]);
    let ids = [1, 2, 3].map(|number| format!("0191f3c4-7c1e-7a3b-8f64-1b2f6d9b0c5{number}"));
    for (args, id) in [
        (&["request", "checkout", "Approved"][..], &ids[0]),
        (&["approve", "checkout", "--actor", "bob"], &ids[1]),
        (&["approve", "checkout", "--actor", "carol"], &ids[2]),
    ] {
        let args = [args, &["--commit-id", id]].concat();
        let first = place.json(&args);
        let again = place.json(&args);
        assert_eq!((&first["replayed"], &again["replayed"]), (&json!(false), &json!(true)), "{args:?}");
        assert_eq!(first["records"], again["records"], "{args:?}");
    }
    place.done(&["transition", "checkout", "Approved"]);
}

#[test]
fn given_telemetry_in_a_file_or_on_standard_input_when_evaluated_then_policies_go_by_it() {
    let (place, _) = requested();
    let file = place.file("measured.json", r#"{"trafficPercentage": 10, "errorRate": 0.04, "p99Millis": 180}"#);
    let good = place.json(&["evaluate", "checkout", "--telemetry", &file]);
    let measured = &good["records"].as_array().unwrap().last().unwrap()["evaluation"]["metadata"]["telemetry"];
    assert_eq!(measured["p99Millis"], 180);
    // What is said on the command line goes before it.
    place.run(&["evaluate", "checkout", "--telemetry", &file, "--error-rate", "0.06"]).expect(6);
    place.run_with(&["evaluate", "checkout", "--telemetry", "-"], r#"{"errorRate": 0.2}"#).expect(6);
    // What was not measured was not complied with.
    let told = place.run(&["evaluate", "checkout", "--policy", "errorRate"]).expect(6).stdout;
    assert!(told.contains("the telemetry has no errorRate"), "{told}");
    place.run_with(&["evaluate", "checkout", "--telemetry", "-"], "[]").expect(2);
    place.run(&["evaluate", "checkout", "--policy", "latency"]).expect(4);
}

#[test]
fn given_roles_in_the_environment_when_moved_then_they_count_and_no_other() {
    let (place, _) = requested();
    for actor in ["bob", "carol"] {
        place.done(&["approve", "checkout", "--actor", actor]);
    }
    place.done(&["transition", "checkout", "Approved"]);
    let run = |roles: &str| {
        let mut command = place.command();
        command.env("GOVERNANCE_ROLES", roles).args(["transition", "checkout", "Running", "--traffic", "5"]);
        command.output().unwrap().status.code()
    };
    assert_eq!(run(""), Some(6));
    assert_eq!(run("viewer,SRE"), Some(6));
    assert_eq!(run("viewer, sre"), Some(0));
}
