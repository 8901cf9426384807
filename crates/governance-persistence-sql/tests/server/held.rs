//! A head that another client holds: only the commit to it suffers, not those that share its group.

use crate::place::{Place, run};
use futures_util::future::join_all;
use governance_persistence::{Backplane, BackplaneExt, Commit, Error, Expected, ExperimentKey, Outcome};
use governance_persistence_conformance::samples;
use governance_persistence_sql::SqlBackplane;
use std::time::Duration;

/// Only what never comes takes so long.
const HANGS: Duration = Duration::from_secs(90);

fn commit(key: &ExperimentKey) -> Commit {
    Commit::builder(key, Expected::Any).record(samples::transition()).build().unwrap()
}

// On one thread, what is sent at once is one group.
#[tokio::test]
async fn given_a_group_with_a_head_that_somebody_holds_then_the_others_are_written_while_it_is_held() {
    let Some(place) = Place::or_skip().await else { return };
    let options = place.options().statement_timeout(Duration::from_secs(15)).unwrap().writers(1).unwrap();
    let backplane = SqlBackplane::connect(&options).await.unwrap();
    let held = ExperimentKey::new("held").unwrap();
    let free: Vec<_> = (0..20).map(|n| ExperimentKey::new(&format!("e{n}")).unwrap()).collect();
    for key in free.iter().chain([&held]) {
        backplane.commit(&commit(key)).await.unwrap();
    }
    let mut holder = place.plain().await;
    run(&mut holder, "BEGIN").await.unwrap();
    let hold = "SELECT id FROM experiment_states WHERE tenant = '' AND environment = '' AND name = 'held' FOR UPDATE";
    run(&mut holder, hold).await.unwrap();

    let refused = commit(&held);
    let free_commits: Vec<_> = free.iter().map(commit).collect();
    let (first, last) = free_commits.split_at(10);
    let all = first.iter().chain([&refused]).chain(last).map(|commit| backplane.commit(commit));
    let mut answers = tokio::time::timeout(HANGS, join_all(all)).await.expect("a commit waits for the lock");

    // The lock is still held.
    let error = answers.remove(10).unwrap_err();
    assert!(matches!(error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error:?}");
    answers.into_iter().for_each(|answer| assert!(!answer.unwrap().replayed));
    run(&mut holder, "ROLLBACK").await.unwrap();
    assert!(!backplane.commit(&refused).await.unwrap().replayed);
    for key in free.iter().chain([&held]) {
        assert_eq!(backplane.get_state_transition_history(key).await.unwrap().len(), 2, "{key}");
    }
}

#[tokio::test]
async fn given_a_head_that_somebody_holds_for_a_while_when_a_commit_is_alone_then_it_waits_and_is_written() {
    let Some(place) = Place::or_skip().await else { return };
    // Shorter than the whole wait, longer than a part of it.
    let options = place.options().statement_timeout(Duration::from_secs(20)).unwrap().writers(1).unwrap();
    let backplane = SqlBackplane::connect(&options).await.unwrap();
    let held = ExperimentKey::new("held").unwrap();
    backplane.commit(&commit(&held)).await.unwrap();
    let mut holder = place.plain().await;
    run(&mut holder, "BEGIN").await.unwrap();
    let hold = "SELECT id FROM experiment_states WHERE tenant = '' AND environment = '' AND name = 'held' FOR UPDATE";
    run(&mut holder, hold).await.unwrap();

    let late = commit(&held);
    let letting_go = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        run(&mut holder, "ROLLBACK").await.unwrap();
    };
    let (answer, ()) = tokio::join!(backplane.commit(&late), letting_go);
    assert!(!answer.unwrap().replayed);
}
