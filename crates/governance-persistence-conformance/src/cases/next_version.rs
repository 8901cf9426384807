//! Appending a configuration under the next free number.

use crate::act::{Draft, apply, record, state};
use crate::{Opener, Snapshot, answer, samples};
use futures_util::future::join_all;
use governance_persistence::{
    Backplane, BackplaneExt, CommitId, ConfigurationDraft, Error, Expected, LifecycleState, RecordId, RecordKind,
};
use std::collections::BTreeSet;

fn draft() -> ConfigurationDraft {
    ConfigurationDraft::new(samples::configuration(), "carol").in_state(LifecycleState::Running)
}

/// The first number is 1; afterwards each is one more than the latest, wherever that is.
pub async fn the_number_follows_the_latest(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    for n in [1, 2, 3] {
        let (number, receipt) = backplane
            .append_next_configuration_version(&key, CommitId::new(), draft())
            .await
            .expect("the version is appended");
        assert_eq!((number.get(), receipt.sequence.get(), receipt.replayed), (n, n, false));
    }
    let imported = samples::key();
    apply(&backplane, &record(&imported, Expected::Any, samples::version(41))).await;
    let appended = backplane.append_next_configuration_version(&imported, CommitId::new(), draft()).await;
    assert_eq!(appended.expect("the version is appended").0, samples::number(42));
    Snapshot::of(&backplane, &key).await;
}

/// The same call again is a replay under the same number, also after others have appended.
pub async fn the_same_call_again_is_a_replay(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let (id, draft_of_ours) = (CommitId::new(), draft());
    let first = backplane.append_next_configuration_version(&key, id, draft_of_ours.clone()).await;
    let (number, receipt) = first.expect("the version is appended");
    for _ in 0..3 {
        let other = backplane.append_next_configuration_version(&key, CommitId::new(), draft()).await;
        other.expect("the version is appended");
    }

    let again = backplane.append_next_configuration_version(&key, id, draft_of_ours).await;

    let (same_number, replay) = again.expect("the version is there");
    assert_eq!((same_number, replay.sequence, replay.replayed), (number, receipt.sequence, true));
    let latest = backplane.head(&key, crate::act::STRONG).await.expect("the head can be read").latest_version;
    assert_eq!(latest, Some(samples::number(4)));
    let version = backplane.get_configuration_version(&key, number).await.expect("a look-up answers");
    let id_of_record = version.expect("the version is there").record.id;
    assert_eq!(id_of_record, RecordId::of_commit(RecordKind::Version, id), "the record's id follows from the commit's");
}

/// A commit id that was used for something else is refused.
pub async fn a_used_commit_id_is_refused(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let (other, id) = (state(&key, Expected::Absent, Draft), CommitId::new());
    apply(&backplane, &other).await;
    backplane.append_next_configuration_version(&key, id, draft()).await.expect("the version is appended");
    for used in [other.id(), id] {
        let before = Snapshot::of(&backplane, &key).await;
        let error = answer::error(backplane.append_next_configuration_version(&key, used, draft()).await);
        assert!(matches!(error, Error::CommitIdReused { .. }), "the commit id was used, but: {error}");
        assert_eq!(Snapshot::of(&backplane, &key).await, before);
    }
}

/// Sixteen who append at once, through two handles, get sixteen numbers without a hole.
pub async fn many_at_once_get_numbers_without_a_hole(opener: &dyn Opener) {
    let (handles, key) = ([opener.open().await, opener.open().await], samples::key());
    let writers = (0..16).map(|n| {
        let (handle, key) = (handles[n % 2].clone(), key.clone());
        tokio::spawn(async move {
            let appended = handle.append_next_configuration_version(&key, CommitId::new(), draft()).await;
            appended.expect("the version is appended").0.get()
        })
    });
    let writers = join_all(writers.collect::<Vec<_>>()).await;
    let numbers: BTreeSet<_> = writers.into_iter().map(|writer| writer.expect("a writer is done")).collect();
    assert_eq!(numbers, (1..=16).collect());
    assert_eq!(Snapshot::of(&handles[0], &key).await.log.len(), 16);
}
