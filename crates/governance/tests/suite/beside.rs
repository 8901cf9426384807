//! Experiments that may not be live beside each other, whichever starts first.

use crate::world::on;
use governance::{ConflictPrevention, Governance, TransitionRequest};
use governance_persistence::{
    Backplane, BackplaneExt, Expected, ExperimentKey,
    LifecycleState::{Approved, Paused, Running},
    StateChange,
};
use std::sync::Arc;

on_every_backplane! {
    whichever_of_two_starts_first_keeps_the_other_out
    two_of_the_list_keep_each_other_out
}

/// Approved experiments of these names in one scope, of which `redesign` and `basket` are on the list.
async fn governed(backplane: &Arc<dyn Backplane>, names: &[&str]) -> (Governance, Vec<ExperimentKey>) {
    let keys: Vec<_> = names.iter().map(|name| ExperimentKey::new(name).unwrap().in_tenant("acme").unwrap()).collect();
    for key in &keys {
        let elsewhere = key.in_environment("staging").unwrap();
        backplane.save_experiment_state(&elsewhere, StateChange::to(Running), Expected::Absent).await.unwrap();
        backplane.save_experiment_state(key, StateChange::to(Approved), Expected::Absent).await.unwrap();
    }
    let policy = ConflictPrevention::with(["redesign", "basket"]);
    (on(backplane).policy(policy).build().unwrap(), keys)
}

async fn starts(governance: &Governance, key: &ExperimentKey) -> Result<(), String> {
    let run = TransitionRequest::to(Running, "alice");
    governance.lifecycle().transition(key, &run).await.map(drop).map_err(|error| error.to_string())
}

async fn whichever_of_two_starts_first_keeps_the_other_out(backplane: Arc<dyn Backplane>) {
    // Given an experiment that is not on the list, one that is, and another one that is not
    let (governance, keys) = governed(&backplane, &["checkout", "redesign", "footer"]).await;
    // When the one on the list starts second, or first, then the other one keeps it out, or is kept out
    for (first, second) in [(0, 1), (1, 0)] {
        starts(&governance, &keys[first]).await.unwrap();
        let error = starts(&governance, &keys[second]).await.unwrap_err();
        assert!(error.contains(&format!("live in the same scope: {}", keys[first].name())), "{error}");
        governance.lifecycle().transition(&keys[first], &TransitionRequest::to(Paused, "alice")).await.unwrap();
    }
    // And those that are not on it are beside each other
    for key in [&keys[0], &keys[2]] {
        starts(&governance, key).await.unwrap();
    }
}

async fn two_of_the_list_keep_each_other_out(backplane: Arc<dyn Backplane>) {
    let (governance, keys) = governed(&backplane, &["redesign", "basket"]).await;
    starts(&governance, &keys[1]).await.unwrap();
    let error = starts(&governance, &keys[0]).await.unwrap_err();
    assert!(error.contains("live in the same scope: basket"), "{error}");
}
