//! A commit is applied as a whole, and says where.

use crate::act::{Draft, STRONG, apply, head, record, records, state};
use crate::{Opener, Snapshot, samples};
use governance_persistence::{Backplane, Commit, ETag, Expected, LogEntry, Place, RecordKind, Sequence, StateChange};

/// Given nothing, when a state and one record of each kind are committed, then state, records,
/// sequence and log entry are all there, the ordinals counting across the kinds.
pub async fn all_parts_of_a_commit_are_there_together(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let commit = Commit::builder(&key, Expected::Absent)
        .state(StateChange::to(Draft).by("alice"))
        .records(samples::one_of_each(1))
        .build()
        .expect("the commit is valid");

    let receipt = apply(&backplane, &commit).await;

    let snapshot = Snapshot::of(&backplane, &key).await;
    assert_eq!(snapshot.log, [LogEntry::of(&commit, receipt.sequence, receipt.recorded_at)]);
    let state = StateChange::to(Draft).by("alice").at(commit.state().expect("it has a state").last_modified);
    assert_eq!(snapshot.head.state.as_deref(), Some(&state.into_state(key.clone(), commit.id())));
    for kind in RecordKind::ALL {
        let ordinal = commit.records().iter().position(|record| record.kind() == kind).expect("each kind is there");
        let [recorded] = snapshot.of_kind(kind)[..] else { panic!("one record of kind {kind} is there") };
        assert_eq!(recorded.place, Place::new(receipt.sequence, u32::try_from(ordinal).expect("it is small")));
        assert_eq!(recorded.commit_id, commit.id());
        assert_eq!(recorded.recorded_at, receipt.recorded_at);
        assert_eq!(recorded.record, commit.records()[ordinal]);
    }
}

/// When commits are applied, then each receipt names commit, sequence, ETag and time as the log
/// has them, and the sequence counts 1, 2, 3.
pub async fn a_receipt_tells_where_and_when(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let commits = [
        record(&key, Expected::Any, samples::transition()),
        state(&key, Expected::Any, Draft),
        records(&key, Expected::Any, samples::one_of_each(1)),
    ];

    for (sequence, commit) in (1..).zip(&commits) {
        let receipt = apply(&backplane, commit).await;

        assert_eq!(receipt.commit_id, commit.id());
        assert_eq!(receipt.sequence.get(), sequence);
        assert_eq!(receipt.etag, commit.etag());
        let entry = backplane.entry(&key, commit.id(), STRONG).await.expect("the entry can be read");
        assert_eq!(entry, Some(LogEntry::of(commit, receipt.sequence, receipt.recorded_at)));
        assert_eq!(head(&backplane, &key).await.recorded_at, Some(receipt.recorded_at));
    }
}

/// Given a state, when only records are committed, then state and ETag stay as they are; when a
/// state is committed again, even an equal one, then the ETag is the id of that commit.
pub async fn only_a_state_changes_the_etag(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let first = state(&key, Expected::Absent, Draft);
    apply(&backplane, &first).await;
    let before = head(&backplane, &key).await;
    assert_eq!(before.etag(), Some(ETag::from(first.id())));

    let receipt = apply(&backplane, &records(&key, Expected::Any, samples::one_of_each(1))).await;
    assert_eq!(receipt.etag, None);
    assert_eq!(head(&backplane, &key).await.state, before.state);

    let same = Commit::builder(&key, Expected::Any).state(first.state().expect("it has a state").clone());
    let same = same.build().expect("the commit is valid");
    apply(&backplane, &same).await;
    assert_eq!(head(&backplane, &key).await.etag(), Some(ETag::from(same.id())));
    Snapshot::of(&backplane, &key).await;
}

/// Given records of an experiment without a state, then it exists and has no state.
pub async fn records_need_no_state(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());

    apply(&backplane, &records(&key, Expected::Any, samples::one_of_each(7))).await;

    let head = Snapshot::of(&backplane, &key).await.head;
    assert!(head.exists());
    assert_eq!(head.state, None);
    assert_eq!(head.latest_version, Some(samples::number(7)));
}

/// When an experiment is asked for of which nothing was ever recorded, then its head has sequence
/// 0 and all its lists are empty.
pub async fn an_unknown_experiment_is_empty(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());

    let snapshot = Snapshot::of(&backplane, &key).await;

    assert_eq!(snapshot.head, governance_persistence::Head::empty(key.clone()));
    assert_eq!((snapshot.log.len(), snapshot.records.len()), (0, 0));
    let id = state(&key, Expected::Any, Draft).id();
    assert_eq!(backplane.entry(&key, id, STRONG).await.expect("the entry can be asked for"), None);
    assert_eq!(snapshot.head.sequence, Sequence::ZERO);
}

/// When many commits follow each other quickly, then recorded-at never runs backwards.
pub async fn recorded_at_never_runs_backwards(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let mut before = governance_persistence::Timestamp::MIN;
    for _ in 0..50 {
        let receipt = apply(&backplane, &record(&key, Expected::Any, samples::transition())).await;
        assert!(receipt.recorded_at >= before, "{} comes before {before}", receipt.recorded_at);
        before = receipt.recorded_at;
    }
    Snapshot::of(&backplane, &key).await;
}
