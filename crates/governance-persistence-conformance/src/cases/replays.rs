//! The same commit sent again is applied once; its id with other content is refused.

use crate::act::{Draft, Running, STRONG, apply, head, record, records, state};
use crate::{Opener, Snapshot, answer, samples};
use governance_persistence::{
    Backplane, Commit, CommitId, Error, Expected, ExperimentKey, LogEntry, Receipt, Record, StateChange,
};

/// Given a commit and many others after it, when it is sent again, then the answer is the first
/// receipt, replayed, and nothing changes; although its expectation long since fails.
pub async fn a_commit_sent_again_gives_the_first_receipt(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let first = Commit::builder(&key, Expected::Absent).state(StateChange::to(Draft)).records(samples::one_of_each(1));
    let first = first.build().expect("the commit is valid");
    let receipt = apply(&backplane, &first).await;
    assert_replay(&backplane, &first, receipt).await;
    for n in 2..12 {
        apply(&backplane, &records(&key, Expected::Any, samples::one_of_each(n))).await;
        apply(&backplane, &state(&key, Expected::Any, Running)).await;
    }

    for _ in 0..3 {
        assert_replay(&backplane, &first, receipt).await;
    }
}

/// Given a commit applied through one handle, when another handle sends it again, then it is a
/// replay.
pub async fn a_replay_works_through_another_handle(opener: &dyn Opener) {
    let key = samples::key();
    let commit = records(&key, Expected::Any, samples::one_of_each(1));
    let receipt = apply(&opener.open().await, &commit).await;

    assert_replay(&opener.open().await, &commit, receipt).await;
}

/// What a commit expects is not part of what it says: sent again with another expectation, met or
/// not, it is a replay.
pub async fn a_replay_may_expect_something_else(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let first = state(&key, Expected::Absent, Draft);
    let receipt = apply(&backplane, &first).await;

    let at = Expected::At(receipt.sequence);
    for expected in [Expected::Any, Expected::Absent, Expected::Match(first.id().into()), at] {
        let change = first.state().expect("it has a state").clone();
        let again = Commit::builder(&key, expected).id(first.id()).state(change);
        assert_replay(&backplane, &again.build().expect("the commit is valid"), receipt).await;
    }
}

/// Given a commit, when its id comes back with another state, other records, more or fewer of
/// them or in another order, then it is refused, the sequence is named, and nothing changes.
pub async fn a_commit_id_with_other_content_is_refused(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    apply(&backplane, &record(&key, Expected::Any, samples::transition())).await;
    let [a, b] = [Record::from(samples::transition()), samples::transition().into()];
    let change = StateChange::to(Draft).by("alice");
    let first = commit(&key, Some(change.clone()), &[a.clone(), b.clone()], CommitId::new());
    let receipt = apply(&backplane, &first).await;
    apply(&backplane, &state(&key, Expected::Any, Running)).await;

    let later = change.clone().at(governance_persistence::Timestamp::MAX);
    for (state, records) in [
        (Some(change.clone()), vec![b.clone(), a.clone()]),
        (Some(change.clone()), vec![a.clone()]),
        (Some(change.clone()), vec![a.clone(), b.clone(), samples::transition().into()]),
        (Some(change.clone()), vec![]),
        (Some(change.by("mallory")), vec![a.clone(), b.clone()]),
        (Some(later), vec![a.clone(), b.clone()]),
        (None, vec![a, b]),
        (None, samples::one_of_each(1)),
    ] {
        let other = commit(&key, state, &records, first.id());
        let before = Snapshot::of(&backplane, &key).await;
        match answer::error(backplane.commit(&other).await) {
            Error::CommitIdReused { key: found, commit_id, sequence } => {
                assert_eq!((&found, commit_id, sequence), (&key, first.id(), receipt.sequence));
            }
            error => panic!("the commit id was used before, but the answer was: {error}"),
        }
        assert_eq!(Snapshot::of(&backplane, &key).await, before, "a refused commit changes nothing");
    }
    assert_replay(&backplane, &first, receipt).await;
}

/// A commit id belongs to its experiment: the same id on another name, tenant or environment is
/// another commit.
pub async fn a_commit_id_belongs_to_its_experiment(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let id = CommitId::new();
    let others = [
        key.in_tenant(&samples::unique("tenant")).expect("it is valid"),
        key.in_environment("staging").expect("it is valid"),
        ExperimentKey::from_parts(key.tenant(), None, key.name()).expect("it is valid"),
        ExperimentKey::from_parts(key.tenant(), key.environment(), "other").expect("it is valid"),
    ];
    for key in std::iter::once(&key).chain(&others) {
        let receipt = apply(&backplane, &commit(key, Some(StateChange::to(Draft)), &[], id)).await;
        assert_eq!(receipt.sequence.get(), 1);
    }
    for key in std::iter::once(&key).chain(&others) {
        Snapshot::of(&backplane, key).await;
        let entry = backplane.entry(key, id, STRONG).await.expect("the entry can be read");
        assert_eq!(entry.map(|entry| entry.key), Some(key.clone()));
    }
}

/// A commit that lost left its id unused: the same id may be sent with other content afterwards.
pub async fn the_id_of_a_refused_commit_stays_free(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    apply(&backplane, &state(&key, Expected::Absent, Draft)).await;
    let lost = state(&key, Expected::Absent, Running);
    answer::unmet(backplane.commit(&lost).await, Expected::Absent);

    let etag = head(&backplane, &key).await.etag().expect("a state was saved");
    let again = Commit::builder(&key, Expected::Match(etag)).id(lost.id()).record(samples::transition());
    apply(&backplane, &again.build().expect("the commit is valid")).await;
    Snapshot::of(&backplane, &key).await;
}

fn commit(key: &ExperimentKey, state: Option<StateChange>, records: &[Record], id: CommitId) -> Commit {
    let commit = Commit::builder(key, Expected::Any).id(id).records(records.to_vec());
    let commit = match state {
        Some(state) => commit.state(state),
        None => commit,
    };
    commit.build().expect("the commit is valid")
}

/// Sends the commit again: the receipt is the first one, and nothing changes.
async fn assert_replay(backplane: &dyn Backplane, commit: &Commit, first: Receipt) {
    let key = commit.key();
    let before = Snapshot::of(backplane, key).await;

    let receipt = answer::replayed(backplane.commit(commit).await);

    let first_again = LogEntry::of(commit, first.sequence, first.recorded_at);
    assert_eq!((receipt.commit_id, receipt.etag), (commit.id(), commit.etag()));
    assert_eq!((receipt.sequence, receipt.recorded_at), (first.sequence, first.recorded_at));
    assert_eq!(Snapshot::of(backplane, key).await, before, "a replay changes nothing");
    assert!(before.log.contains(&first_again), "the entry is there as it was committed");
}
