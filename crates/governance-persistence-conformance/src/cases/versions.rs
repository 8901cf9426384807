//! Configuration versions count without a hole.

use crate::act::{STRONG, apply, record, records};
use crate::{Opener, Snapshot, answer, samples};
use governance_persistence::{
    Backplane, BackplaneExt, ConfigurationDraft, ContentHash, Expected, ExperimentKey, LookUp, Record,
};

/// The first version may have any number, the largest one too, and the next follows it.
pub async fn the_first_version_may_start_anywhere(opener: &dyn Opener) {
    let backplane = opener.open().await;
    for first in [1, 2, 41, 4_294_967_296, 9_007_199_254_740_990] {
        let key = samples::key();
        apply(&backplane, &record(&key, Expected::Any, samples::version(first))).await;
        assert_refused(&backplane, &key, first, first).await;
        assert_refused(&backplane, &key, first.saturating_sub(1).max(1), first).await;
        apply(&backplane, &record(&key, Expected::Any, samples::version(first + 1))).await;
        let snapshot = Snapshot::of(&backplane, &key).await;
        assert_eq!(snapshot.head.latest_version, Some(samples::number(first + 1)));
    }
}

/// Behind the largest number there is none: the experiment's versions are complete.
pub async fn the_largest_version_is_the_last(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let last = 9_007_199_254_740_991;
    apply(&backplane, &record(&key, Expected::Any, samples::version(last))).await;

    assert_refused(&backplane, &key, 1, last).await;
    assert_refused(&backplane, &key, last, last).await;
    assert_eq!(Snapshot::of(&backplane, &key).await.head.next_version(), None);
}

/// A number that is taken or leaves a gap is a conflict that names the wanted and the latest one.
pub async fn a_taken_or_skipped_version_is_a_conflict(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    for n in 3..=5 {
        apply(&backplane, &record(&key, Expected::Any, samples::version(n))).await;
    }

    for wrong in [1, 2, 3, 4, 5, 7, 100] {
        assert_refused(&backplane, &key, wrong, 5).await;
    }
    apply(&backplane, &record(&key, Expected::Any, samples::version(6))).await;
}

/// Several versions in one commit follow the latest one and each other; when the first is wrong,
/// all are refused.
pub async fn several_versions_in_one_commit_follow_each_other(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let mixed = |from: u64| {
        let versions = (from..from + 3).map(|n| Record::from(samples::version(n)));
        versions.flat_map(|version| [Record::from(samples::transition()), version]).collect::<Vec<_>>()
    };
    apply(&backplane, &records(&key, Expected::Any, mixed(1))).await;
    apply(&backplane, &records(&key, Expected::Any, mixed(4))).await;

    for (wrong, first) in [(mixed(6), 6), (mixed(8), 8), (mixed(1), 1)] {
        let before = Snapshot::of(&backplane, &key).await;
        let answer = backplane.commit(&records(&key, Expected::Any, wrong)).await;
        answer::wrong_version(answer, samples::number(first), samples::number(6));
        assert_eq!(Snapshot::of(&backplane, &key).await, before, "a conflict changes nothing");
    }
    assert_eq!(Snapshot::of(&backplane, &key).await.head.latest_version, Some(samples::number(6)));
}

/// A version is found by its number, and numbers that were never given find nothing.
pub async fn a_version_is_found_by_its_number(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let versions: Vec<_> = (10..15).map(samples::version).collect();
    for version in &versions {
        apply(&backplane, &record(&key, Expected::Any, version.clone())).await;
    }

    for version in &versions {
        let found = backplane.get_configuration_version(&key, version.number).await.expect("a look-up answers");
        assert_eq!(found.map(|recorded| recorded.record).as_ref(), Some(version));
    }
    for never in [1, 9, 15, 9_007_199_254_740_991] {
        let found = backplane.look_up(&key, LookUp::Version(samples::number(never)), STRONG).await;
        assert_eq!(found.expect("a look-up answers"), []);
    }
    let latest = backplane.get_latest_configuration_version(&key).await.expect("a look-up answers");
    assert_eq!(latest.map(|recorded| recorded.record).as_ref(), versions.last());
}

/// A rollback brings an earlier configuration back under a new number, and says from where.
pub async fn a_rollback_keeps_its_provenance(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let [good, bad] = [1, 2].map(samples::version);
    let rollback = ConfigurationDraft::rollback(&good, bad.number, "carol")
        .with_description("errors")
        .numbered(samples::number(3));
    apply(&backplane, &records(&key, Expected::Any, [good.clone(), bad.clone(), rollback.clone()])).await;

    let found = backplane.get_latest_configuration_version(&key).await.expect("a look-up answers");
    let found = found.expect("there is a version").record;
    assert_eq!(found, rollback);
    assert!(found.is_rollback);
    assert_eq!((found.restored_version, found.rolled_back_from), (Some(good.number), Some(bad.number)));
    assert_eq!(found.hash, ContentHash::of(&good.configuration));
    let all = backplane.get_all_configuration_versions(&key).await.expect("the history can be read");
    assert_eq!(all.into_iter().map(|recorded| recorded.record).collect::<Vec<_>>(), [good, bad, rollback]);
}

async fn assert_refused(backplane: &dyn Backplane, key: &ExperimentKey, wanted: u64, latest: u64) {
    let before = Snapshot::of(backplane, key).await;

    let commit = record(key, Expected::Any, samples::version(wanted));
    let answer = backplane.commit(&commit).await;

    let conflict = answer::wrong_version(answer, samples::number(wanted), samples::number(latest));
    assert_eq!((&conflict.key, &conflict.head), (key, &before.head), "the conflict carries the head");
    assert_eq!(Snapshot::of(backplane, key).await, before, "a conflict changes nothing");
}
