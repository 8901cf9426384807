//! A disk that is full: refused, nothing half-written, and well again once there is room.

use crate::place::Place;
use governance_persistence::{
    Backplane, Commit, ConfigurationDraft, Consistency, Error, Expected, ExperimentKey, Json, LifecycleState, Outcome,
    Sequence, StateChange, VersionNumber,
};
use governance_persistence_sql::SqlBackplane;

/// A commit of state and version, about 100 kB large.
fn large(key: &ExperimentKey, version: VersionNumber) -> Commit {
    let configuration = Json::from_serialize(&"x".repeat(100_000)).unwrap();
    Commit::builder(key, Expected::Any)
        .state(StateChange::to(LifecycleState::Draft))
        .record(ConfigurationDraft::new(configuration, "alice").numbered(version))
        .build()
        .unwrap()
}

#[tokio::test]
async fn given_a_file_at_its_limit_when_a_commit_does_not_fit_then_nothing_of_it_is_written() {
    let place = Place::new();
    let limited = place.options().max_file_size(1 << 20).unwrap();
    let backplane = SqlBackplane::connect(&limited).await.unwrap();
    let key = ExperimentKey::new("checkout").unwrap();

    let (mut version, mut applied) = (VersionNumber::FIRST, 0);
    let (refused, error) = loop {
        let commit = large(&key, version);
        match backplane.commit(&commit).await {
            Ok(_) => applied += 1,
            Err(error) => break (commit, error),
        }
        assert!(applied < 20, "the limit is not kept");
        version = version.next().unwrap();
    };

    assert_eq!(error.outcome(), Outcome::NotApplied);
    assert!(matches!(error, Error::Unavailable { .. }) && error.to_string().contains("full"), "{error}");
    let head = backplane.head(&key, Consistency::Strong).await.unwrap();
    assert_eq!(head.sequence.get(), applied);
    assert_eq!(head.latest_version.map(VersionNumber::get), Some(applied));
    assert!(backplane.entry(&key, refused.id(), Consistency::Strong).await.unwrap().is_none());

    // When there is room again, the same commit is applied, and the small ones always were.
    backplane.close().await.unwrap();
    let roomy = place.connect().await;
    let receipt = roomy.commit(&refused).await.unwrap();
    assert_eq!((receipt.sequence.get(), receipt.replayed), (applied + 1, false));
}

#[tokio::test]
async fn given_a_full_file_when_a_commit_of_before_is_sent_again_then_it_is_the_replay_though_it_would_not_fit() {
    let place = Place::new();
    let limited = place.options().max_file_size(1 << 20).unwrap();
    let backplane = SqlBackplane::connect(&limited).await.unwrap();
    let key = ExperimentKey::new("checkout").unwrap();
    let note = Json::from_serialize(&std::collections::BTreeMap::from([("note", "x".repeat(100_000))])).unwrap();
    let state = StateChange::to(LifecycleState::Draft).with_metadata(note.try_into().unwrap());
    let before = Commit::builder(&key, Expected::Any).state(state).build().unwrap();
    let first = backplane.commit(&before).await.unwrap();
    // The next state is small, and what it left behind is used up.
    let mut version = VersionNumber::FIRST;
    while backplane.commit(&large(&key, version)).await.is_ok() {
        version = version.next().unwrap();
    }

    let again = backplane.commit(&before).await.unwrap();

    assert!(again.replayed);
    assert_eq!(again.sequence, first.sequence);
}

#[tokio::test]
async fn given_a_file_at_its_limit_when_one_of_a_group_does_not_fit_then_the_others_are_applied() {
    let place = Place::new();
    let limited = place.options().max_file_size(1 << 20).unwrap();
    let backplane = SqlBackplane::connect(&limited).await.unwrap();
    let full = ExperimentKey::new("full").unwrap();
    let mut version = VersionNumber::FIRST;
    while backplane.commit(&large(&full, version)).await.is_ok() {
        version = version.next().unwrap();
    }

    let key = |n: usize| ExperimentKey::new(&format!("small-{n}")).unwrap();
    let small = |n: usize| {
        let state = StateChange::to(LifecycleState::Draft);
        Commit::builder(&key(n), Expected::Absent).state(state).build().unwrap()
    };
    let (smalls, larges) = ((0..8).map(small).collect::<Vec<_>>(), large(&full, version));
    let (small_done, large_done) = tokio::join!(
        futures_util::future::join_all(smalls.iter().map(|commit| backplane.commit(commit))),
        backplane.commit(&larges),
    );

    assert!(large_done.is_err());
    for done in small_done {
        assert_eq!(done.unwrap().sequence, Sequence::new(1).unwrap());
    }
}
