//! Given a gate before every way, when any command that writes is run in any state, then the experiment stays there.

use crate::place::Place;
use serde_json::Value;

/// The configuration in which every gate is closed. The other one has no gates.
const CLOSED: &str = "closed.yaml";

fn place() -> Place {
    let gate = |to: &str| format!("    - {{ type: manual, name: into-{to}, fromState: any, toState: {to} }}\n");
    let states =
        ["Draft", "PendingApproval", "Approved", "Rejected", "Running", "Ramping", "Paused", "RolledBack", "Archived"];
    let gates = states.map(gate).concat();
    let rules = format!(
        "  enableAutoVersioning: true\n  approvalGates:\n{gates}  policies:\n    - {{ type: errorRate, \
         maxErrorRate: 0.05, moves: [] }}\n"
    );
    let place = Place::new();
    place.write(CLOSED, &(place.read("governance.yaml") + &rules));
    [5, 9].into_iter().for_each(|traffic| place.put(traffic));
    place
}

fn behind_gates<'a>(command: &[&'a str]) -> Vec<&'a str> {
    [command, &["--config", CLOSED]].concat()
}

/// A state: the way there, from the one before; and where the lifecycle leads from it.
type Stop = (&'static [&'static str], &'static [&'static str]);

/// Every state that an experiment can leave.
const JOURNEY: [Stop; 8] = [
    (&[], &["PendingApproval", "Archived"]),
    (&["PendingApproval"], &["Approved", "Rejected", "Draft"]),
    (&["Approved"], &["Running", "Ramping", "Archived"]),
    (&["Running"], &["Ramping", "Paused", "RolledBack", "Archived"]),
    (&["Ramping"], &["Running", "Paused", "RolledBack", "Archived"]),
    (&["Paused"], &["Running", "Ramping", "RolledBack", "Archived"]),
    (&["RolledBack"], &["Draft", "Archived"]),
    (&["Draft", "PendingApproval", "Rejected"], &["Draft", "Archived"]),
];

#[test]
fn given_closed_gates_when_a_command_would_move_the_experiment_then_it_is_refused_and_recorded() {
    let place = place();
    let configuration = place.file("changed.json", r#"{"traffic": 50}"#);
    for (way, next) in JOURNEY {
        way.iter().for_each(|state| drop(place.done(&["transition", "checkout", state])));
        let mut commands: Vec<_> = next.iter().map(|state| vec!["transition", "checkout", *state]).collect();
        if next.contains(&"RolledBack") {
            commands.push(vec!["rollback", "checkout", "--to", "1"]);
        }
        for live in next.iter().filter(|state| ["Running", "Ramping"].contains(state)) {
            commands.push(vec!["transition", "checkout", *live, "--version", "1"]);
            commands.push(vec!["transition", "checkout", *live, "--configuration", &configuration]);
        }
        for command in commands {
            let before = place.json(&["state", "checkout"]);
            place.refused(&behind_gates(&command));
            let after = place.json(&["state", "checkout"]);
            assert_eq!(after["state"], before["state"], "{command:?}");
            assert_eq!(after["latestVersion"], before["latestVersion"], "{command:?}");
            assert_eq!(after["sequence"].as_u64(), before["sequence"].as_u64().map(|it| it + 1), "{command:?}");
        }
    }
}

#[test]
fn given_closed_gates_when_somebody_asks_decides_evaluates_or_edits_then_the_experiment_stays_where_it_is() {
    let place = place();
    let configuration = place.file("edited.json", r#"{"traffic": 1}"#);
    for (way, next) in JOURNEY {
        way.iter().for_each(|state| drop(place.done(&["transition", "checkout", state])));
        let standing = || -> Value { place.json(&["state", "checkout"])["state"].clone() };
        let before = standing();
        for command in [
            &["request", "checkout", next[0]][..],
            &["approve", "checkout", "--actor", "bob"],
            &["request", "checkout", next[1]],
            &["reject", "checkout", "--actor", "bob"],
            &["evaluate", "checkout", "--error-rate", "0.01"],
            &["version", "put", "checkout", &configuration],
        ] {
            place.done(&behind_gates(command));
            assert_eq!(standing(), before, "{command:?}");
        }
    }
}
