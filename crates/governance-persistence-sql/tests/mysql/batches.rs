//! Groups of commits: none suffers from another, and a group of large ones goes through in pieces.

use crate::place::Place;
use futures_util::future::join_all;
use governance_persistence::{
    Backplane, BackplaneExt, Commit, Consistency, Error, Expected, ExperimentKey, Json, LifecycleState, PageSize,
    RecordId, Sequence, StateChange, StateTransition,
};
use governance_persistence_conformance::samples;
use governance_persistence_sql::SqlBackplane;

fn transition(id: RecordId) -> StateTransition {
    samples::transition().with_id(id)
}

async fn one_writer(place: &Place) -> SqlBackplane {
    SqlBackplane::connect(&place.options().writers(1).unwrap()).await.unwrap()
}

#[tokio::test]
async fn given_a_group_of_good_and_bad_commits_when_they_are_written_together_then_each_gets_its_own_answer() {
    let Some(place) = Place::or_skip().await else { return };
    let backplane = one_writer(&place).await;
    let keys: Vec<_> = (0..60).map(|n| ExperimentKey::new(&format!("e{n}")).unwrap()).collect();
    let used = RecordId::new();
    for key in &keys {
        backplane.append_state_transition(key, transition(used)).await.unwrap();
    }
    let commits: Vec<_> = (0..60)
        .map(|n| {
            let (expected, id) = match n % 3 {
                0 => (Expected::Any, RecordId::new()),
                1 => (Expected::Any, used),
                _ => (Expected::At(Sequence::ZERO), RecordId::new()),
            };
            // The first record is good in all of them: what fails later takes it back.
            let commit = Commit::builder(&keys[n], expected).record(transition(RecordId::new()));
            commit.record(transition(id)).build().unwrap()
        })
        .collect();
    let answers = join_all(commits.iter().map(|commit| backplane.commit(commit))).await;

    for (n, answer) in answers.into_iter().enumerate() {
        match n % 3 {
            0 => assert!(!answer.unwrap().replayed),
            1 => assert!(matches!(answer, Err(Error::RecordIdReused { id, .. }) if id == used), "{answer:?}"),
            _ => assert!(answer.is_err_and(|error| error.is_conflict())),
        }
        let written = if n % 3 == 0 { 3 } else { 1 };
        assert_eq!(backplane.get_state_transition_history(&keys[n]).await.unwrap().len(), written);
    }
}

#[tokio::test]
async fn given_commits_of_a_megabyte_when_they_are_written_together_then_all_come_back_byte_for_byte() {
    let Some(place) = Place::or_skip().await else { return };
    let backplane = one_writer(&place).await;
    // Quotes, backslashes and more bytes than characters: what a literal is made of, and made longer by.
    let text = "'\\\"é😀".repeat(40_000);
    let value = Json::parse(&serde_json::json!({ "text": text, "number": 1e300 }).to_string()).unwrap();
    let keys: Vec<_> = (0..24).map(|n| ExperimentKey::new(&format!("e{n}")).unwrap()).collect();
    for round in 1..=2 {
        let commits: Vec<_> = keys
            .iter()
            .map(|key| {
                let mut state = StateChange::to(LifecycleState::Running);
                state.metadata = value.clone().try_into().unwrap();
                Commit::builder(key, Expected::Any).state(state).record(samples::version(round)).build().unwrap()
            })
            .collect();
        let answers = join_all(commits.iter().map(|commit| backplane.commit(commit))).await;
        for (commit, answer) in commits.iter().zip(answers) {
            assert_eq!(answer.unwrap().sequence.get(), round);
            let after = Sequence::new(round - 1).unwrap();
            let log = backplane.log(commit.key(), after, PageSize::MAX, Consistency::Strong).await.unwrap();
            assert_eq!(log[0].fingerprint, commit.fingerprint());
            assert_eq!(log[0].state.as_ref(), commit.state());
            log[0].verify().unwrap();
        }
    }
}

#[tokio::test]
async fn given_commits_that_wait_when_the_backplane_is_closed_then_they_are_written_first() {
    let Some(place) = Place::or_skip().await else { return };
    let backplane = one_writer(&place).await;
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
