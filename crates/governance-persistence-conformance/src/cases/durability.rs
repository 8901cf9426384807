//! What was acknowledged is there when the place is opened again.

use crate::act::{Draft, apply, record, records, state};
use crate::{Opener, Snapshot, answer, samples};
use governance_persistence::{Backplane, Commit, Expected, Timestamp};

/// Given commits and a closed handle, when the place is opened again, then all of it is there,
/// equal through every way of reading, and the commits are known.
pub async fn all_is_there_when_the_place_is_opened_again(opener: &dyn Opener) {
    let key = samples::key();
    let full = Commit::builder(&key, Expected::Absent).state(samples::full_state(Timestamp::MAX));
    let full = full.records(samples::full_records(1, Timestamp::MIN)).build().expect("the commit is valid");
    let more = records(&key, Expected::Any, samples::one_of_each(3));
    let before = {
        let backplane = opener.open().await;
        apply(&backplane, &full).await;
        apply(&backplane, &more).await;
        let before = Snapshot::of(&backplane, &key).await;
        backplane.close().await.expect("the handle is closed");
        before
    };

    let again = opener.open().await;
    assert_eq!(Snapshot::of(&again, &key).await, before);
    for commit in [&full, &more] {
        answer::replayed(again.commit(commit).await);
    }
    apply(&again, &state(&key, Expected::At(before.head.sequence), Draft)).await;
}

/// Given two handles, when one writes, then the other sees it at once, and the other way round.
pub async fn handles_see_each_others_commits_at_once(opener: &dyn Opener) {
    let (one, other, key) = (opener.open().await, opener.open().await, samples::key());
    for n in 1..=10 {
        let (writer, reader) = if n % 2 == 0 { (&one, &other) } else { (&other, &one) };
        let receipt = apply(writer, &records(&key, Expected::Any, samples::one_of_each(n))).await;
        let snapshot = Snapshot::of(reader, &key).await;
        assert_eq!((snapshot.head.sequence, snapshot.head.recorded_at), (receipt.sequence, Some(receipt.recorded_at)));
    }
}

/// A handle that only reads sees each commit of another one as soon as it is acknowledged, whatever
/// it has seen before.
pub async fn a_handle_that_only_reads_sees_every_commit(opener: &dyn Opener) {
    let (writer, reader, key) = (opener.open().await, opener.open().await, samples::key());
    for n in 1..=10 {
        apply(&writer, &records(&key, Expected::Any, samples::one_of_each(n))).await;
        assert_eq!(Snapshot::of(&reader, &key).await, Snapshot::of(&writer, &key).await);
    }
}

/// A handle that was dropped without being closed has kept what it acknowledged.
pub async fn a_dropped_handle_loses_nothing(opener: &dyn Opener) {
    let key = samples::key();
    for n in 1..=5 {
        let backplane = opener.open().await;
        let receipt = apply(&backplane, &record(&key, Expected::Any, samples::version(n))).await;
        assert_eq!(receipt.sequence.get(), n);
        drop(backplane);
    }
    assert_eq!(Snapshot::of(&opener.open().await, &key).await.head.latest_version, Some(samples::number(5)));
}
