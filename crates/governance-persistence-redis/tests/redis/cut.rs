//! The connection is cut after every byte of a commit, on its way there and on its way back. Sent again, the
//! commit is applied exactly once.

use crate::own::server;
use crate::place::{Place, one_of_each};
use crate::proxy::{Proxy, Way};
use futures_util::future::join_all;
use governance_persistence::{
    Backplane, Commit, CommitId, Error, Expected, ExperimentKey, LifecycleState, Outcome, Retrying, Sequence,
    StateChange,
};
use governance_persistence_conformance::{Snapshot, samples};
use governance_persistence_redis::{RedisBackplane, RedisOptions};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

/// So many connections are cut side by side: most of the time goes into making new ones.
const LANES: usize = 16;

/// A commit that changes the state and has a record; all are of the same size.
fn commit(key: &ExperimentKey) -> Commit {
    Commit::builder(key, Expected::Any)
        .state(StateChange::to(LifecycleState::Running).by("alice"))
        .record(samples::transition())
        .build()
        .unwrap()
}

async fn cut_everywhere(way: Way) {
    let Some(place) = Place::or_skip() else { return };
    let lanes = (0..LANES).map(|lane| cut_lane(place.address(), (place.prefix(), 0), way, lane));
    let unknown: usize = join_all(lanes).await.into_iter().sum();
    assert!(unknown > 0, "no reply was lost");
}

/// The same of commits that wait for a replica.
async fn cut_everywhere_waiting(way: Way) {
    let Some(primary) = server(&[]) else { return };
    let _replica = primary.replica(&[]).unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], primary.port()));
    let lanes = (0..LANES).map(|lane| cut_lane(address, ("governance:", 1), way, lane));
    let unknown: usize = join_all(lanes).await.into_iter().sum();
    assert!(unknown > 0, "no reply was lost");
}

/// Cuts a commit after every byte of this lane, sends each again, and says how often the outcome was unknown.
async fn cut_lane(server: SocketAddr, (prefix, wait_replicas): (&str, usize), way: Way, lane: usize) -> usize {
    let proxy = Proxy::start(server).await;
    let options = RedisOptions::new(&format!("redis://{}", proxy.address)).unwrap().prefix(prefix).unwrap();
    let options = options.wait_replicas(wait_replicas).unwrap().wait_timeout(Duration::from_secs(10)).unwrap();
    let options = options.max_reconnect_delay(Duration::from_millis(20)).unwrap();
    let backplane = RedisBackplane::connect(&options).await.unwrap();
    let backplane = std::sync::Arc::new(backplane);
    let retrying = Retrying::new(backplane.clone() as std::sync::Arc<dyn Backplane>);
    let retrying = retrying.deadline(Duration::from_secs(60));
    let key = ExperimentKey::new(&format!("lane {lane:02}")).unwrap();
    backplane.commit(&one_of_each(&key, 1)).await.unwrap();
    let before = proxy.passed(way);
    backplane.commit(&commit(&key)).await.unwrap();
    let length = proxy.passed(way) - before;
    assert!(length > 20, "a commit of {length} bytes is none");

    let mut receipts: BTreeMap<CommitId, Sequence> = BTreeMap::new();
    let mut unknown = 0;
    for offset in (lane..length).step_by(LANES) {
        // With this the connection is there again.
        retrying.commit(&commit(&key)).await.unwrap();
        let (commit, cuts) = (commit(&key), proxy.cuts());
        proxy.cut_after(way, offset);
        let first = backplane.commit(&commit).await;
        assert_eq!(proxy.cuts(), cuts + 1, "offset {offset} of {length}: {first:?}");
        match &first {
            Ok(receipt) => panic!("offset {offset} of {length}: an answer that was cut is {receipt:?}"),
            Err(error @ Error::Unavailable { .. }) => unknown += usize::from(error.outcome() == Outcome::Unknown),
            Err(error) => panic!("offset {offset}: {error:?}"),
        }
        let second = retrying.commit(&commit).await.unwrap();
        let third = retrying.commit(&commit).await.unwrap();
        assert!(third.replayed && third.sequence == second.sequence && third.recorded_at == second.recorded_at);
        receipts.insert(commit.id(), second.sequence);
    }
    let snapshot = Snapshot::of(&retrying, &key).await;
    for (id, sequence) in receipts {
        let entries: Vec<_> = snapshot.log.iter().filter(|entry| entry.commit_id == id).collect();
        assert!(matches!(entries[..], [entry] if entry.sequence == sequence), "{id} is there once, where it was told");
    }
    unknown
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_cut_after_any_byte_to_the_server_when_sent_again_then_the_commit_is_there_once() {
    cut_everywhere(Way::ToServer).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_cut_after_any_byte_of_the_reply_when_sent_again_then_the_commit_is_there_once() {
    cut_everywhere(Way::ToClient).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_cut_after_any_byte_to_the_server_when_a_replica_is_waited_for_then_the_commit_is_there_once() {
    cut_everywhere_waiting(Way::ToServer).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_cut_after_any_byte_of_the_reply_when_a_replica_is_waited_for_then_the_commit_is_there_once() {
    cut_everywhere_waiting(Way::ToClient).await;
}
