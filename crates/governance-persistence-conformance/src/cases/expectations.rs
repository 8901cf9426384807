//! What a commit expects decides whether it is applied.

use crate::act::{Draft, PendingApproval, Running, apply, head, record, records, state};
use crate::{Opener, Snapshot, answer, samples};
use governance_persistence::{Backplane, Commit, CommitId, ETag, Expected, ExperimentKey, Sequence};

/// Any is met by every experiment, whatever is there.
pub async fn any_is_always_met(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    for commit in [
        record(&key, Expected::Any, samples::transition()),
        state(&key, Expected::Any, Draft),
        state(&key, Expected::Any, Running),
    ] {
        apply(&backplane, &commit).await;
    }
    assert_eq!(Snapshot::of(&backplane, &key).await.head.sequence.get(), 3);
}

/// Absent is met as long as no state was saved, and records alone change nothing about that.
pub async fn absent_is_met_until_a_state_is_saved(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    apply(&backplane, &records(&key, Expected::Absent, samples::one_of_each(1))).await;
    apply(&backplane, &state(&key, Expected::Absent, Draft)).await;

    for late in [
        state(&key, Expected::Absent, Running),
        record(&key, Expected::Absent, samples::transition()),
        records(&key, Expected::Absent, samples::one_of_each(2)),
    ] {
        assert_unmet(&backplane, &late).await;
    }
}

/// Match is met by the current ETag, also after records were added, and by no other: neither by
/// an earlier one, nor by the id of a commit that set no state, nor where no state was saved.
pub async fn match_is_met_by_the_current_etag_only(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let matching = |id: CommitId| Expected::Match(ETag::from(id));
    assert_unmet(&backplane, &state(&key, matching(CommitId::new()), Draft)).await;

    let first = state(&key, Expected::Absent, Draft);
    apply(&backplane, &first).await;
    let appended = record(&key, matching(first.id()), samples::transition());
    apply(&backplane, &appended).await;
    assert_unmet(&backplane, &state(&key, matching(appended.id()), Running)).await;
    let second = state(&key, matching(first.id()), PendingApproval);
    apply(&backplane, &second).await;

    for wrong in [first.id(), appended.id(), CommitId::new()] {
        assert_unmet(&backplane, &state(&key, matching(wrong), Running)).await;
        assert_unmet(&backplane, &record(&key, matching(wrong), samples::transition())).await;
    }
    assert_eq!(head(&backplane, &key).await.etag(), second.etag());
}

/// At is met as long as nothing at all was recorded since: one approval is enough to break it.
pub async fn at_is_met_until_anything_is_recorded(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let at = |sequence| Expected::At(Sequence::new(sequence).expect("the sequence is small"));
    assert_unmet(&backplane, &state(&key, at(1), Draft)).await;
    apply(&backplane, &state(&key, at(0), Draft)).await;
    apply(&backplane, &record(&key, at(1), samples::request())).await;

    for wrong in [0, 1, 3, 9_007_199_254_740_991] {
        assert_unmet(&backplane, &state(&key, at(wrong), Running)).await;
        assert_unmet(&backplane, &record(&key, at(wrong), samples::transition())).await;
    }
    apply(&backplane, &state(&key, at(2), Running)).await;
    Snapshot::of(&backplane, &key).await;
}

/// At(0) creates: it is met where nothing was ever recorded, by state or by records.
pub async fn at_zero_creates(opener: &dyn Opener) {
    let backplane = opener.open().await;
    let (with_state, with_records) = (samples::key(), samples::key());
    let zero = Expected::At(Sequence::ZERO);
    apply(&backplane, &state(&with_state, zero, Draft)).await;
    apply(&backplane, &records(&with_records, zero, samples::one_of_each(1))).await;

    for key in [with_state, with_records] {
        assert_unmet(&backplane, &state(&key, zero, Draft)).await;
        Snapshot::of(&backplane, &key).await;
    }
}

/// A conflict on an experiment of which nothing was recorded leaves nothing behind: it is not
/// listed, and can be created.
pub async fn a_conflict_on_an_unknown_experiment_leaves_nothing(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());

    assert_unmet(&backplane, &state(&key, Expected::Match(ETag::from(CommitId::new())), Draft)).await;

    assert!(!head(&backplane, &key).await.exists());
    let listed = super::experiments::of_tenant_of(&backplane, &key).await;
    assert_eq!(listed, []);
    apply(&backplane, &state(&key, Expected::At(Sequence::ZERO), Draft)).await;
}

/// Sends a commit whose expectation does not hold: the conflict tells what is there, and nothing
/// changes.
async fn assert_unmet(backplane: &dyn Backplane, commit: &Commit) {
    let key: &ExperimentKey = commit.key();
    let before = Snapshot::of(backplane, key).await;

    let conflict = answer::unmet(backplane.commit(commit).await, commit.expected());

    assert_eq!(&conflict.key, key);
    assert_eq!(conflict.head, before.head, "the conflict carries the head that is there now");
    assert_eq!(Snapshot::of(backplane, key).await, before, "a conflict changes nothing");
}
