//! Given the sample that has everything, when it is loaded, then what it is to show is there.

use governance::persistence::LifecycleState;
use governance_config::{GateConfig, GovernanceConfig, Loader, PolicyConfig};
use std::path::Path;

fn sample() -> GovernanceConfig {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config-samples/full.yaml");
    Loader::new().variables(|_| None).load_file(&path).unwrap()
}

#[test]
fn more_than_one_person_has_to_approve() {
    let approvals = sample().approval_gates.into_iter().find_map(|gate| match gate {
        GateConfig::Manual(gate) => Some(gate.get_quorum().approvals()),
        _ => None,
    });
    assert_eq!(approvals, Some(2));
}

#[test]
fn a_gate_guards_a_state_whichever_way_leads_into_it() {
    let guarded = sample().approval_gates.into_iter().any(|gate| match gate {
        GateConfig::RoleBased(gate) => {
            let moves = gate.get_moves();
            (moves.get_from(), moves.get_to()) == (None, Some(LifecycleState::Running))
        }
        _ => false,
    });
    assert!(guarded);
}

#[test]
fn a_literal_that_looks_like_a_variable_is_escaped() {
    let escaped = sample().policies.into_iter().any(|policy| match policy {
        PolicyConfig::ConflictPrevention(policy) => {
            policy.get_experiments().unwrap().any(|name| name == "${team}-basket")
        }
        _ => false,
    });
    assert!(escaped);
}
