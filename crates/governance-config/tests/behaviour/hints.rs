//! Given a mistake that hides another, when a file is loaded, then both are said, or the one that it is.

use crate::given::{assert_found, faults};
use governance::{ManualGate, Moves};
use governance_config::{Format, GateConfig, Loader, Registry};

/// A file with these sections beside `persistence`.
fn text(sections: &str) -> String {
    format!("governance:\n  persistence: {{ type: inMemory }}\n{sections}")
}

#[test]
fn a_list_that_is_left_out_has_no_value() {
    for section in ["approvalGates", "policies"] {
        let (path, said) = (format!("governance.{section}"), "has no value | a list, which may be empty: `[]`");
        for value in ["", " ~", " null"] {
            let found = faults(&text(&format!("  {section}:{value}\n")), Format::Yaml);
            let column = if value.is_empty() { 3 } else { section.len() + 5 };
            assert_found(&found, &[(3, column, &path, said)]);
        }
        let json = format!("{{\"governance\": {{\"persistence\": {{\"type\": \"inMemory\"}}, \"{section}\": null}}}}");
        let column = json.find("null").unwrap() + 1;
        assert_found(&faults(&json, Format::Json), &[(1, column, &path, said)]);
    }
    let roles = "  approvalGates:\n    - { type: roleBased, fromState: any, toState: any, allowedRoles: }\n";
    assert_found(
        &faults(&text(roles), Format::Yaml),
        &[(4, 56, "governance.approvalGates[0].allowedRoles", "has no value")],
    );
}

#[test]
fn what_was_to_be_merged_is_not_missing() {
    let merged = "  approvalGates:
    - &gate { type: manual, fromState: any, toState: Approved }
    - { <<: *gate, name: two }
  policies:
    - &rule { type: errorRate, maxErrorRate: 0.05 }
    - { <<: *rule, name: two, severity: nope }
    - { type: trafficLimit, <<: *rule, name: three }
";
    const SAID: &str = "merge keys are not supported | the keys written out";
    assert_found(
        &faults(&text(merged), Format::Yaml),
        &[
            (5, 9, "governance.approvalGates[1].<<", SAID),
            (8, 9, "governance.policies[1].<<", SAID),
            (8, 41, "governance.policies[1].severity", "`nope` is unknown"),
            (9, 29, "governance.policies[2].<<", SAID),
        ],
    );
    let persistence = "governance:\n  persistence: { <<: { type: inMemory } }\n";
    assert_found(&faults(persistence, Format::Yaml), &[(2, 18, "governance.persistence.<<", SAID)]);
}

#[test]
fn what_every_type_has_is_checked_under_an_unknown_one() {
    let unknown = "  approvalGates:
    - { type: oracle, fromState: Nowhere, toState: any, name: '', approvals: 0, selfApproval: maybe, allowedRoles: [] }
  policies:
    - { type: oracle, severity: nope, name: ' ', moves: [{ fromState: Nowhere, toState: any }], maxTrafficPercentage: 5 }
    - { maxErrorRate: 0.1, severity: nope }
";
    let (gate, policy) = ("governance.approvalGates[0]", "governance.policies[0]");
    let of = |path: &str, key: &str| format!("{path}.{key}");
    assert_found(
        &faults(&text(unknown), Format::Yaml),
        &[
            (4, 15, &of(gate, "type"), "the type `oracle` of a gate is unknown"),
            (4, 34, &of(gate, "fromState"), "`Nowhere` is unknown"),
            (4, 63, &of(gate, "name"), "is empty"),
            (4, 78, &of(gate, "approvals"), "`0` is out of range"),
            (4, 95, &of(gate, "selfApproval"), "`maybe` is unknown"),
            (4, 116, &of(gate, "allowedRoles"), "is empty"),
            (6, 15, &of(policy, "type"), "the type `oracle` of a policy is unknown"),
            (6, 33, &of(policy, "severity"), "`nope` is unknown"),
            (6, 45, &of(policy, "name"), "white space"),
            (6, 71, &of(policy, "moves[0].fromState"), "`Nowhere` is unknown"),
            (7, 7, "governance.policies[1]", "`type` is missing"),
            (7, 38, "governance.policies[1].severity", "`nope` is unknown"),
        ],
    );
}

#[test]
fn a_number_that_begins_with_a_zero_is_called_so() {
    let registry = Registry::default().register_gate("post", |_| Ok(ManualGate::new("post", Moves::all()))).unwrap();
    let load = |options: &str| {
        let text = text(&format!("  approvalGates:\n    - {{ type: post, {options} }}\n"));
        Loader::new().registry(&registry).load_str("g.yaml", &text, Format::Yaml)
    };
    for (zip, said) in [
        ("08", "`08` begins with a zero, as a text may and a number may not"),
        ("-007", "`-007` begins with a zero"),
        ("18446744073709551616", "is an integer that 64 bits do not hold"),
    ] {
        let found = load(&format!("zip: {zip}")).unwrap_err();
        assert_found(&found, &[(4, 26, "governance.approvalGates[0].zip", said)]);
        assert!(found.iter().all(|fault| fault.expected.contains("a string if it stands in quotes")));
    }
    let gates = load("zip: '08', floor: 0").unwrap().approval_gates;
    let [GateConfig::Custom { options, .. }] = gates.as_slice() else { panic!("{gates:?}") };
    assert_eq!(options.as_json().to_value(), serde_json::json!({"zip": "08", "floor": 0}));
}
