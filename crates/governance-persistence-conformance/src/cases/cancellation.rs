//! A dropped future leaves all or nothing, and a place that goes on working.

use crate::act::{Draft, STRONG, apply, head, records, state};
use crate::{Opener, Snapshot, samples};
use futures_util::future::BoxFuture;
use futures_util::poll;
use governance_persistence::{
    Backplane, Commit, Expected, HistoryQuery, LifecycleState, RecordKind, Result, StateChange,
};
use std::sync::Arc;

/// Polls a future some times at most, letting others run in between; then drops it.
async fn drop_after<T>(mut future: BoxFuture<'_, Result<T>>, polls: usize) {
    for _ in 0..polls {
        if poll!(&mut future).is_ready() {
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// Given a commit whose future was dropped after any number of polls, when the same commit is
/// sent again, then it is there once, as a whole.
pub async fn a_dropped_commit_leaves_all_or_nothing(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    apply(&backplane, &state(&key, Expected::Absent, Draft)).await;
    for (round, polls) in (1..).zip([0, 1, 1, 2, 3, 4, 6, 8, 12, 16, 32, 64]) {
        let before = head(&backplane, &key).await;
        let commit = Commit::builder(&key, Expected::At(before.sequence))
            .state(StateChange::to(LifecycleState::Running))
            .records(samples::one_of_each(round))
            .build()
            .expect("the commit is valid");

        drop_after(Box::pin(backplane.commit(&commit)), polls).await;

        let receipt = backplane.commit(&commit).await.expect("sent again, it is applied or replayed");
        assert_eq!(receipt.sequence, before.sequence.next());
        let snapshot = Snapshot::of(&backplane, &key).await;
        assert_eq!((snapshot.head.sequence, snapshot.head.etag()), (receipt.sequence, commit.etag()));
    }
}

/// Many commits dropped at once do not use the place up: all who come after are served, and no
/// half of a commit is there.
pub async fn many_dropped_commits_do_no_harm(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let mut sent = Vec::new();
    for polls in 0..48 {
        let commit = records(&key, Expected::Any, [samples::transition(), samples::transition()]);
        sent.push(commit.clone());
        let backplane: Arc<dyn Backplane> = backplane.clone();
        tokio::spawn(async move { drop_after(Box::pin(backplane.commit(&commit)), polls % 5).await })
            .await
            .expect("the caller gave up");
    }
    for commit in &sent {
        backplane.commit(commit).await.expect("sent again, it is applied or replayed");
    }
    let snapshot = Snapshot::of(&backplane, &key).await;
    assert_eq!((snapshot.log.len(), snapshot.records.len()), (48, 96));
}

/// A writer that gave up does not hold up or harm another one who commits at the same time.
pub async fn a_dropped_commit_harms_no_other(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    for polls in 0..12 {
        let dropped = records(&key, Expected::Any, [samples::transition()]);
        let kept = records(&samples::key(), Expected::Absent, [samples::transition()]);
        let (_, answer) =
            tokio::join!(drop_after(Box::pin(backplane.commit(&dropped)), polls), backplane.commit(&kept));
        crate::answer::applied(answer);
        Snapshot::of(&backplane, kept.key()).await;
    }
}

/// Reads that were given up leave a place that goes on working.
pub async fn dropped_reads_do_no_harm(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    apply(&backplane, &records(&key, Expected::Any, samples::one_of_each(1))).await;
    let query = HistoryQuery::new(RecordKind::Version);
    for polls in 0..32 {
        drop_after(Box::pin(backplane.head(&key, STRONG)), polls % 4).await;
        drop_after(Box::pin(backplane.history(&key, &query, STRONG)), polls % 4).await;
    }
    Snapshot::of(&backplane, &key).await;
    apply(&backplane, &state(&key, Expected::Absent, Draft)).await;
}
