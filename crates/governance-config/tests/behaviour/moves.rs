//! Given a move that the lifecycle does not have, when a gate or a policy is to guard it, then it is
//! refused: what guards nothing would be taken for a guard.

use crate::given::{assert_found, load};
use governance_config::Format;

fn text(sections: &str) -> String {
    format!("governance:\n  persistence: {{ type: inMemory }}\n{sections}")
}

#[test]
fn a_gate_before_no_move_is_refused_with_those_there_are() {
    let gates = "  approvalGates:
    - { type: manual, fromState: Draft, toState: Approved, approvals: 2 }
    - { type: automatic, fromState: Running, toState: running }
    - { type: manual, fromState: Archived, toState: any }
    - { type: manual, fromState: archived, toState: Draft }
    - { type: roleBased, fromState: '${X:-Paused}', toState: '${Y:-Draft}', allowedRoles: [sre] }
";
    assert_found(
        &load(&text(gates), Format::Yaml).unwrap_err(),
        &[
            (
                4,
                50,
                "governance.approvalGates[0].toState",
                "no move leads from `Draft` to `Approved` | one of: `PendingApproval`, `Archived`, `any`",
            ),
            (
                5,
                55,
                "governance.approvalGates[1].toState",
                "no move leads from `Running` to `running` | one of: `Ramping`, `Paused`, `RolledBack`, `Archived`, `any`",
            ),
            (6, 34, "governance.approvalGates[2].fromState", "no move leaves `Archived` | a state that is not the end"),
            (7, 34, "governance.approvalGates[3].fromState", "no move leaves `archived`"),
            (
                8,
                62,
                "governance.approvalGates[4].toState",
                "no move leads from `${X:-Paused}` to `${Y:-Draft}` | one of: ",
            ),
        ],
    );
}

#[test]
fn a_policy_that_guards_no_move_of_its_list_is_refused_there() {
    let policies = "  policies:
    - { type: errorRate, maxErrorRate: 0.1, moves: [{ fromState: any, toState: Draft }, { fromState: Draft, toState: Running }] }
";
    assert_found(
        &load(&text(policies), Format::Yaml).unwrap_err(),
        &[(4, 118, "governance.policies[0].moves[1].toState", "no move leads from `Draft` to `Running` | one of: ")],
    );
}
