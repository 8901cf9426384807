//! The connection is cut after every byte of a commit, on its way there and on its way back. Sent again, the
//! commit is applied exactly once.

use crate::ledger::whole_log;
use crate::place::{Place, one_of_each};
use crate::proxy::{Proxy, Way};
use futures_util::future::join_all;
use governance_persistence::{
    Backplane, BackplaneExt, Commit, Consistency, Error, Expected, ExperimentKey, LifecycleState, StateChange,
};
use governance_persistence_conformance::samples;
use governance_persistence_sql::SqlBackplane;
use std::collections::BTreeMap;

/// A backplane with one writer, behind a proxy.
async fn behind(place: &Place) -> (Proxy, SqlBackplane) {
    let (proxy, options) = Proxy::before(place).await;
    (proxy, SqlBackplane::connect(&options.writers(1).unwrap()).await.unwrap())
}

/// A commit that changes the state and has a record; all are of the same size.
fn commit(key: &ExperimentKey) -> Commit {
    Commit::builder(key, Expected::Any)
        .state(StateChange::to(LifecycleState::Running).by("alice"))
        .record(samples::transition())
        .build()
        .unwrap()
}

/// So many connections are cut side by side: most of the time goes into making new ones.
const LANES: usize = 4;

/// Cuts a commit after every byte.
async fn cut_everywhere(way: Way) {
    let Some(place) = Place::or_skip().await else { return };
    place.connect().await.close().await.unwrap();
    join_all((0..LANES).map(|lane| cut_lane(&place, way, lane))).await;
}

/// Cuts a commit after every byte of this lane, and sends every other one again.
async fn cut_lane(place: &Place, way: Way, lane: usize) {
    let (proxy, backplane) = behind(place).await;
    let key = ExperimentKey::new(&format!("lane-{lane}")).unwrap();
    // The statement is prepared by the first of these; the second shows how long a commit is.
    backplane.commit(&one_of_each(&key, 1)).await.unwrap();
    backplane.commit(&commit(&key)).await.unwrap();
    let before = proxy.passed(way);
    backplane.commit(&commit(&key)).await.unwrap();
    let length = proxy.passed(way) - before;
    assert!(length > 20, "a commit of {length} bytes is none");

    let mut acknowledged = BTreeMap::new();
    let mut left = Vec::new();
    let mut unknown = 0;
    for (round, offset) in (lane..length).step_by(LANES).enumerate() {
        // A new connection prepares its statement; then it is like the one that was measured.
        let warm = commit(&key);
        acknowledged.insert(warm.id(), backplane.commit(&warm).await.unwrap().sequence);
        let commit = commit(&key);
        let cuts = proxy.cuts();
        proxy.cut_after(way, offset);
        let first = backplane.commit(&commit).await;
        proxy.heal();
        assert_eq!(proxy.cuts(), cuts + 1, "offset {offset} of {length}: {first:?}");
        match first {
            // What is cut may be what comes after the answer.
            Ok(receipt) => assert!(acknowledged.insert(commit.id(), receipt.sequence).is_none()),
            Err(error) => {
                assert!(matches!(error, Error::Unavailable { .. }), "offset {offset}: {error:?}");
                unknown += usize::from(error.outcome() == governance_persistence::Outcome::Unknown);
            }
        }
        if round % 2 == 0 {
            let second = backplane.commit(&commit).await.unwrap();
            let third = backplane.commit(&commit).await.unwrap();
            assert!(third.replayed && third.sequence == second.sequence && third.recorded_at == second.recorded_at);
            let first = acknowledged.insert(commit.id(), second.sequence);
            assert!(first.is_none_or(|first| first == second.sequence), "receipts agree");
        } else {
            left.push(commit.id());
        }
    }
    assert!(unknown > 0, "no reply was lost");

    let log = whole_log(&backplane, &key).await;
    for (id, sequence) in &acknowledged {
        let places: Vec<_> = log.iter().filter(|entry| entry.commit_id == *id).map(|entry| entry.sequence).collect();
        assert_eq!(places, [*sequence], "applied exactly once");
    }
    // Nobody knows of the others whether they are there; but they are whole, and none came from elsewhere.
    let others = log.iter().skip(3).filter(|entry| !acknowledged.contains_key(&entry.commit_id));
    others.for_each(|entry| assert!(left.contains(&entry.commit_id)));
    let state = backplane.get_experiment_state(&key).await.unwrap().unwrap();
    assert_eq!(Some(state.etag), backplane.head(&key, Consistency::Strong).await.unwrap().etag());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_connection_that_is_cut_after_every_byte_of_a_commit_then_sent_again_it_is_applied_once() {
    cut_everywhere(Way::ToServer).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_connection_that_is_cut_after_every_byte_of_a_reply_then_sent_again_it_is_applied_once() {
    cut_everywhere(Way::ToClient).await;
}
