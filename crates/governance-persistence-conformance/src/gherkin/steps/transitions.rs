//! Steps about transitions and the log.

use super::rows;
use crate::gherkin::world::Governance;
use cucumber::gherkin::Step;
use cucumber::{then, when};
use governance_persistence::{BackplaneExt, LifecycleState, StateTransition};
use std::collections::BTreeSet;
use std::collections::HashMap;

fn transition(row: &HashMap<&str, &str>) -> StateTransition {
    let state = |column| row[column].parse::<LifecycleState>().expect("the cell holds a state");
    let transition = StateTransition::new(state("from"), state("to"), row["actor"]);
    match row.get("timestamp") {
        Some(at) => transition.at(at.parse().expect("the cell holds an instant")),
        None => transition,
    }
}

#[when("these transitions are appended:")]
async fn are_appended(world: &mut Governance, #[step] step: &Step) {
    for row in rows(step) {
        let appended = world.here().append_state_transition(world.key(), transition(&row)).await;
        appended.expect("the transition is appended");
    }
}

#[when(expr = "{int} writers append {int} transitions each, all at once through {int} handles")]
async fn all_at_once(world: &mut Governance, writers: usize, each: usize, handles: usize) {
    assert_eq!(handles, world.handles().len());
    let mut tasks = Vec::new();
    for writer in 0..writers {
        let (backplane, key) = (world.handles()[writer % handles].clone(), world.key().clone());
        tasks.push(tokio::spawn(async move {
            for _ in 0..each {
                let (from, to) = (LifecycleState::Running, LifecycleState::Ramping);
                let transition = StateTransition::new(from, to, format!("writer {writer}"));
                backplane.append_state_transition(&key, transition).await.expect("the transition is appended");
            }
        }));
    }
    for task in tasks {
        task.await.expect("the writer is done");
    }
}

#[then("its transitions are, in this order:")]
async fn transitions_are(world: &mut Governance, #[step] step: &Step) {
    let history = world.here().get_state_transition_history(world.key()).await.expect("the history can be read");
    let shape = |one: &StateTransition| (one.from, one.to, one.actor.clone());
    let found: Vec<_> = history.iter().map(|recorded| shape(&recorded.record)).collect();
    let wanted: Vec<_> = rows(step).iter().map(|row| shape(&transition(row))).collect();
    assert_eq!(found, wanted);
    assert!(history.is_sorted_by(|a, b| a.place < b.place));
}

#[then("it has no transitions")]
async fn no_transitions(world: &mut Governance) {
    let history = world.here().get_state_transition_history(world.key()).await;
    assert_eq!(history.expect("the history can be read"), []);
}

#[then(expr = "all {int} transitions are there, each once")]
async fn all_are_there(world: &mut Governance, count: usize) {
    let history = world.here().get_state_transition_history(world.key()).await.expect("the history can be read");
    let ids: BTreeSet<_> = history.iter().map(|recorded| recorded.record.id).collect();
    assert_eq!((history.len(), ids.len()), (count, count));
}

#[then("its log is empty")]
async fn log_is_empty(world: &mut Governance) {
    assert_eq!(world.snapshot().await.log, []);
}

#[then(expr = "its log counts to {int} without a gap")]
async fn log_counts_to(world: &mut Governance, count: u64) {
    let sequences: Vec<_> = world.snapshot().await.log.iter().map(|entry| entry.sequence.get()).collect();
    assert_eq!(sequences, (1..=count).collect::<Vec<_>>());
}
