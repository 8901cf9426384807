//! Futures that are dropped at any point: each commit is there whole or not at all, and the backplane goes on.

use crate::ledger::Ledger;
use crate::place::Place;
use futures_util::future::join_all;
use governance_persistence::{
    Backplane, Commit, Consistency, Expected, ExperimentKey, HistoryQuery, LifecycleState, PageSize, RecordKind,
    Sequence, StateChange,
};
use governance_persistence_conformance::samples;
use std::sync::Arc;
use std::time::Duration;

const ROUNDS: usize = 40;
const AT_ONCE: usize = 25;

/// Gives a future this long, and drops it.
async fn drop_after<T>(micros: u64, future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(Duration::from_micros(micros), future).await.ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_thousand_commits_and_reads_that_are_dropped_midway_then_nothing_is_half_done_or_stuck() {
    let Some(place) = Place::or_skip().await else { return };
    let seed = fastrand::u64(..);
    eprintln!("seed {seed}");
    let random = fastrand::Rng::with_seed(seed);
    let backplane = Arc::new(place.connect().await);
    let (ledger, mut random) = (Arc::new(Ledger::default()), random);
    for _ in 0..ROUNDS {
        let dropped = (0..AT_ONCE).map(|_| {
            let (backplane, ledger) = (backplane.clone(), ledger.clone());
            let key = ExperimentKey::new(&format!("e{}", random.u8(..12))).unwrap();
            let (to_commit, to_read) = (random.u64(..5_000), random.u64(..3_000));
            tokio::spawn(async move {
                let commit = Commit::builder(&key, Expected::Any)
                    .state(StateChange::to(LifecycleState::Running))
                    .records([samples::transition(), samples::transition()])
                    .record(samples::evaluation("p"))
                    .build()
                    .unwrap();
                ledger.sent(&commit);
                if let Some(answer) = drop_after(to_commit, backplane.commit(&commit)).await {
                    ledger.acknowledged(answer.unwrap());
                }
                let query = HistoryQuery::new(RecordKind::Transition);
                drop_after(to_read, backplane.history(&key, &query, Consistency::Strong)).await;
                drop_after(to_read, backplane.log(&key, Sequence::ZERO, PageSize::MAX, Consistency::Strong)).await;
            })
        });
        join_all(dropped).await.into_iter().for_each(|ended| ended.unwrap());
    }
    // Who comes after them finds connections that work.
    for n in 0..12 {
        let key = ExperimentKey::new(&format!("e{n}")).unwrap();
        let commit = Commit::builder(&key, Expected::Any).record(samples::transition()).build().unwrap();
        ledger.sent(&commit);
        ledger.acknowledged(backplane.commit(&commit).await.unwrap());
    }
    let (acknowledged, there) = (ledger.count_acknowledged(), ledger.check(&*backplane).await);
    let sent = ROUNDS * AT_ONCE + 12;
    assert!(acknowledged < sent, "nobody was dropped (seed {seed})");
    assert!(there > acknowledged && there <= sent, "{there} of {sent}, {acknowledged} acknowledged (seed {seed})");
}
