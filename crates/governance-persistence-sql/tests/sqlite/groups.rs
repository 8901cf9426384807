//! Group commit: many callers share a transaction, and none suffers from another.

use crate::place::Place;
use futures_util::future::join_all;
use governance_persistence::{
    Backplane, BackplaneExt, Commit, Consistency, Error, Expected, ExperimentKey, LifecycleState, RecordId, Sequence,
    StateChange, StateTransition,
};

fn transition(id: RecordId) -> StateTransition {
    StateTransition::new(LifecycleState::Draft, LifecycleState::PendingApproval, "alice").with_id(id)
}

#[tokio::test]
async fn given_a_group_of_good_and_bad_commits_when_they_are_written_together_then_each_gets_its_own_answer() {
    let place = Place::new();
    let backplane = place.connect().await;
    let key = ExperimentKey::new("checkout").unwrap();
    let used = RecordId::new();
    backplane.append_state_transition(&key, transition(used)).await.unwrap();

    let commits: Vec<_> = (0..60)
        .map(|n| {
            let (expected, id) = match n % 3 {
                0 => (Expected::Any, RecordId::new()),
                1 => (Expected::Any, used),
                _ => (Expected::At(Sequence::ZERO), RecordId::new()),
            };
            // The first record is good in all of them: what fails later takes it back.
            Commit::builder(&key, expected).record(transition(RecordId::new())).record(transition(id)).build().unwrap()
        })
        .collect();
    let answers = join_all(commits.iter().map(|commit| backplane.commit(commit))).await;

    for (n, answer) in answers.into_iter().enumerate() {
        match n % 3 {
            0 => assert!(!answer.unwrap().replayed),
            1 => assert!(matches!(answer, Err(Error::RecordIdReused { id, .. }) if id == used), "{answer:?}"),
            _ => assert!(answer.is_err_and(|error| error.is_conflict())),
        }
    }
    assert_eq!(backplane.head(&key, Consistency::Strong).await.unwrap().sequence.get(), 21);
    assert_eq!(backplane.get_state_transition_history(&key).await.unwrap().len(), 41);
}

#[tokio::test]
async fn given_commits_that_wait_when_the_backplane_is_closed_then_they_are_written_first() {
    let place = Place::new();
    let backplane = place.connect().await;
    let keys: Vec<_> = (0..100).map(|n| ExperimentKey::new(&format!("e{n}")).unwrap()).collect();
    let commit = |key| {
        let state = StateChange::to(LifecycleState::Draft);
        Commit::builder(key, Expected::Absent).state(state).build().unwrap()
    };
    let commits: Vec<_> = keys.iter().map(commit).collect();

    let writing = join_all(commits.iter().map(|commit| backplane.commit(commit)));
    let (written, closed) = tokio::join!(writing, backplane.close());

    closed.unwrap();
    let again = place.connect().await;
    for (key, answer) in keys.iter().zip(written) {
        answer.unwrap();
        assert!(again.head(key, Consistency::Strong).await.unwrap().exists(), "{key}");
    }
}
