//! A configuration that is exchanged behind the gate that the first one passed, as the command tells of it.

use crate::place::Place;

const LAUNCH: &str = "  enableAutoVersioning: true
  approvalGates:
    - { type: manual, name: launch, fromState: Approved, toState: any, selfApproval: forbidden }
";

#[test]
fn given_a_launch_that_was_approved_when_another_configuration_ramps_then_its_help_leads_to_an_approval_of_that() {
    // Given version 1, past the gate before launch
    let place = Place::new().with_rules(LAUNCH);
    place.run_with(&["version", "put", "checkout", "-"], r#"{"traffic": 5}"#).expect(0);
    for to in ["PendingApproval", "Approved"] {
        place.done(&["transition", "checkout", to]);
    }
    place.done(&["request", "checkout", "Running"]);
    place.done(&["approve", "checkout", "--actor", "bob"]);
    place.done(&["transition", "checkout", "Running"]);
    // When another one is to take effect, then the gate stands before it, and the help says how to ask
    place.run_with(&["version", "put", "checkout", "-"], r#"{"traffic": 99}"#).expect(0);
    let ramp = ["transition", "checkout", "Ramping", "--version", "2"];
    let told = place.run(&[&ramp[..], &["--json"]].concat()).expect(6).error();
    let objection = &told["objections"][0];
    assert_eq!(objection["gate"], "launch", "{told}");
    assert!(
        objection["help"].as_str().unwrap().contains("with the --version or --configuration of the move"),
        "{told}"
    );
    assert_eq!(place.json(&["state", "checkout"])["state"]["configurationVersion"], 1);
    // When people are asked so, and approve, then it takes effect
    place.done(&["request", "checkout", "Ramping", "--version", "2"]);
    place.done(&["approve", "checkout", "--actor", "bob", "--version", "2"]);
    place.done(&ramp);
    assert_eq!(place.json(&["state", "checkout"])["state"]["configurationVersion"], 2);
}
