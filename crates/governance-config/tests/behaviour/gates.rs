//! Given gates in a file, when it is loaded, then they are those that code would build, or what is
//! wrong with them is said.

use crate::given::{assert_found, load};
use governance::persistence::LifecycleState::{Approved, Draft, PendingApproval, Running};
use governance::{AutomaticGate, ManualGate, Moves, Quorum, RoleBasedGate, SelfApproval};
use governance_config::{Format, GateConfig, GovernanceConfig, Persistence};

fn text(gates: &str) -> String {
    format!("governance:\n  persistence: {{ type: inMemory }}\n  approvalGates:\n{gates}")
}

fn of(gates: &str) -> Vec<GateConfig> {
    let text = text(gates);
    load(&text, Format::Yaml).unwrap_or_else(|faults| panic!("{text}: {faults:#?}")).approval_gates
}

/// The one fault of a gate with these keys: problem and what would be right.
fn fault(keys: &str) -> String {
    let found = load(&text(&format!("    - {{ {keys} }}\n")), Format::Yaml).expect_err(keys);
    let said: Vec<_> = found.iter().map(|fault| format!("{fault} | {}", fault.expected)).collect();
    assert_eq!(said.len(), 1, "{keys}: {said:#?}");
    said.concat()
}

#[test]
fn gates_are_those_that_code_builds() {
    let read = of("
    - { type: automatic, fromState: Draft, toState: PendingApproval }
    - { type: manual, fromState: PendingApproval, toState: Approved, name: review, approvals: 2, selfApproval: forbidden }
    - { type: roleBased, fromState: any, toState: Running, allowedRoles: [operator, sre] }
");
    let four_eyes = Quorum::of(2).unwrap().self_approval(SelfApproval::Forbidden);
    let config = GovernanceConfig::new(Persistence::InMemory)
        .approval_gate(AutomaticGate::new("automatic-Draft-PendingApproval", Moves::between(Draft, PendingApproval)))
        .approval_gate(ManualGate::new("review", Moves::between(PendingApproval, Approved)).quorum(four_eyes))
        .approval_gate(RoleBasedGate::new("roleBased-any-Running", Moves::into(Running), ["sre", "operator"]).unwrap());
    assert_eq!(read, config.approval_gates);
}

#[test]
fn names_are_matched_and_values_are_interpolated_as_everywhere() {
    let expected = ManualGate::new("g", Moves::out_of(PendingApproval)).quorum(Quorum::of(16).unwrap());
    for keys in [
        "type: MANUAL, fromState: pending-approval, toState: Any, name: g, approvals: 16",
        "type: Manual, fromState: pendingApproval, toState: '${X:-any}', name: '${Y:-g}', approvals: '${N}'",
    ] {
        assert_eq!(of(&format!("    - {{ {keys} }}\n")), [GateConfig::Manual(expected.clone())], "{keys}");
    }
    assert_eq!(of("    []\n"), []);
}

#[test]
fn what_is_wrong_with_a_gate_is_said() {
    const MOVES: &str = "fromState: Draft, toState: Archived";
    for (keys, words) in [
        ("type: manuel, fromState: any, toState: any", "did you mean `manual`?"),
        ("type: role_based, fromState: any, toState: any, allowedRoles: [a]", "did you mean `roleBased`?"),
        ("type: manual, toState: Approved", "approvalGates[0]: `fromState` is missing"),
        ("type: manual, fromState: Launched, toState: Approved", "`Launched` is unknown | one of: `Draft`"),
        ("fromState: any, toState: any", "`type` is missing"),
        (&format!("type: manual, {MOVES}, approvals: 0"), "`0` is out of range"),
        (&format!("type: manual, {MOVES}, approvals: 4294967296"), "out of range"),
        (&format!("type: manual, {MOVES}, selfApproval: no"), "one of: `allowed`, `forbidden`"),
        (&format!("type: manual, {MOVES}, allowedRoles: [a]"), "`allowedRoles` belongs to `type: roleBased`"),
        (&format!("type: automatic, {MOVES}, approvals: 2"), "`approvals` belongs to `type: manual`"),
        (&format!("type: roleBased, {MOVES}, allowedRoles: []"), "is empty | a list of at least one name"),
        (&format!("type: roleBased, {MOVES}, allowedRoles: operator"), "a list"),
        (&format!("type: roleBased, {MOVES}, allowedRoles: [' a']"), "white space"),
        (&format!("type: automatic, {MOVES}, name: ''"), "is empty"),
        (&format!("type: automatic, {MOVES}, name: {}", "n".repeat(201)), "is too long | at most 200 characters"),
        (&format!("type: automatic, {MOVES}, colour: red"), "the key `colour` is unknown"),
        (&format!("type: automatic, {MOVES}, options: {{}}"), "the key `options` is unknown"),
    ] {
        let said = fault(keys);
        assert!(said.contains(words), "{keys}: {said}");
    }
}

#[test]
fn two_gates_of_one_name_are_refused_at_the_second() {
    let gates = "    - { type: manual, fromState: Draft, toState: Archived }
    - { type: automatic, fromState: Draft, toState: Archived }
    - { type: manual, fromState: draft, toState: archived, approvals: 2 }
    - { type: roleBased, fromState: Draft, toState: Archived, allowedRoles: [a], name: '${SECRET:-automatic-Draft-Archived}' }
";
    assert_found(
        &load(&text(gates), Format::Yaml).unwrap_err(),
        &[
            (6, 7, "governance.approvalGates[2]", "has the name of governance.approvalGates[0] | a `name` of its own"),
            (7, 7, "governance.approvalGates[3]", "has the name of governance.approvalGates[1]"),
        ],
    );
}
