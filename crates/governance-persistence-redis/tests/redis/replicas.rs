//! Writes that wait for replicas: acknowledged means that a replica has it, and no less.

use crate::own::{options, options_as, raw, server};
use crate::place::{Place, one_of_each};
use crate::raw::Answer;
use futures_util::future::join_all;
use governance_persistence::{
    Backplane, Commit, Consistency, EphemeralId, EphemeralKind, Error, Expected, ExperimentKey, Json, LifecycleState,
    Outcome, PageSize, Replicated, Retrying, Sequence, StateChange, TimeToLive,
};
use governance_persistence_redis::{RedisBackplane, RedisOptions};
use std::time::Duration;
use xtask::services::Redis;

/// A server and its replica.
fn pair() -> Option<(Redis, Redis)> {
    let primary = server(&[])?;
    let replica = primary.replica(&[]).expect("the replica starts");
    Some((primary, replica))
}

/// Waiting for one replica, as long as a machine with much to do may take.
fn waiting(server: &Redis) -> RedisOptions {
    options(server).wait_replicas(1).unwrap().wait_timeout(Duration::from_secs(30)).unwrap()
}

fn state(key: &ExperimentKey, expected: Expected) -> Commit {
    Commit::builder(key, expected).state(StateChange::to(LifecycleState::Running)).build().unwrap()
}

/// Sends a commit until the answer is that a replica misses it. An answer may get lost before, but none is a receipt.
async fn missing_replica(backplane: &RedisBackplane, commit: &Commit) {
    loop {
        let error = backplane.commit(commit).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }), "{error}");
        if error.to_string().contains("0 of the 1 replicas") {
            assert_eq!(error.outcome(), Outcome::Unknown);
            return;
        }
    }
}

fn sequence_at(server: &Redis, key: &ExperimentKey) -> Answer {
    raw(server).ask(&["HGET", &format!("governance:{{//{}}}:head", key.name()), "sequence"]).unwrap()
}

#[tokio::test]
async fn given_a_replica_when_a_write_is_acknowledged_then_the_replica_has_it() {
    let Some((primary, replica)) = pair() else { return };
    let backplane = RedisBackplane::connect(&waiting(&primary)).await.unwrap();
    assert!(backplane.durability().to_string().contains("survives a failover"), "{}", backplane.durability());
    let key = ExperimentKey::new("checkout").unwrap();
    for version in 1..=50 {
        let receipt = backplane.commit(&one_of_each(&key, version)).await.unwrap();
        assert_eq!(sequence_at(&replica, &key), Answer::Text(receipt.sequence.to_string()));
    }

    let log = backplane.log(&key, Sequence::ZERO, PageSize::MAX, Consistency::Strong).await.unwrap();
    let elsewhere = waiting(&primary).prefix("elsewhere:").unwrap();
    let elsewhere = RedisBackplane::connect(&elsewhere).await.unwrap();
    for entry in log {
        assert_eq!(elsewhere.replicate(&entry).await.unwrap(), Replicated::Applied);
        let at = raw(&replica).ask(&["HGET", "elsewhere:{//checkout}:head", "sequence"]).unwrap();
        assert_eq!(at, Answer::Text(entry.sequence.to_string()));
    }

    let (kind, id) = (EphemeralKind::new("draft").unwrap(), EphemeralId::new("1").unwrap());
    let minute = TimeToLive::new(Duration::from_secs(60)).unwrap();
    backplane.ephemeral().put(&key, &kind, &id, &Json::parse("[1]").unwrap(), minute).await.unwrap();
    let exists = ["EXISTS", "governance:{//checkout}:ephemeral:draft:1"];
    assert_eq!(raw(&replica).ask(&exists).unwrap(), Answer::Integer(1));
    assert!(backplane.ephemeral().remove(&key, &kind, &id).await.unwrap());
    assert_eq!(raw(&replica).ask(&exists).unwrap(), Answer::Integer(0));
}

/// Given a replica that stands still, then a write is there but its outcome is unknown, also when it is sent again over
/// a new connection; what writes nothing is answered as ever.
#[tokio::test]
async fn given_a_replica_that_stands_still_then_the_outcome_is_unknown_until_it_goes_on() {
    let Some((primary, replica)) = pair() else { return };
    let patient = RedisBackplane::connect(&waiting(&primary)).await.unwrap();
    let key = ExperimentKey::new("checkout").unwrap();
    patient.commit(&one_of_each(&key, 1)).await.unwrap();
    patient.close().await.unwrap();

    let options = waiting(&primary).wait_timeout(Duration::from_millis(200)).unwrap();
    let backplane = RedisBackplane::connect(&options).await.unwrap();
    replica.pause().unwrap();
    let commit = one_of_each(&key, 2);
    for _ in 0..3 {
        missing_replica(&backplane, &commit).await;
        // The next attempt has a connection that nothing was written on.
        let killed = raw(&primary).ask(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).unwrap();
        assert!(matches!(killed, Answer::Integer(1..)), "{killed:?}");
    }
    let retrying = Retrying::new(backplane).deadline(Duration::from_secs(60));
    let head = retrying.head(&key, Consistency::Strong).await.unwrap();
    assert_eq!(head.sequence.get(), 2);
    let conflict = state(&key, Expected::At(Sequence::ZERO));
    assert!(retrying.commit(&conflict).await.unwrap_err().is_conflict());
    let (kind, id) = (EphemeralKind::new("draft").unwrap(), EphemeralId::new("1").unwrap());
    let minute = TimeToLive::new(Duration::from_secs(60)).unwrap();
    let plain = RedisBackplane::connect(&options).await.unwrap();
    let error = plain.ephemeral().put(&key, &kind, &id, &Json::parse("1").unwrap(), minute).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { outcome: Outcome::Unknown, .. }), "{error}");
    // Nothing of a first commit is there as long as its place in the listing may be lost.
    let new = ExperimentKey::new("new").unwrap();
    let error = plain.commit(&one_of_each(&new, 1)).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error}");
    assert_eq!(sequence_at(&primary, &new), Answer::Nil);

    replica.resume().unwrap();
    let receipt = retrying.commit(&commit).await.unwrap();
    assert!(receipt.replayed && receipt.sequence.get() == 2);
    assert_eq!(sequence_at(&replica, &key), Answer::Text("2".to_owned()));
}

/// How often the server was sent a command, by scripts too.
fn times(server: &Redis, command: &str) -> u64 {
    let told = server.cli(&["INFO", "commandstats"]).unwrap();
    let line = told.lines().find_map(|line| line.strip_prefix(&format!("cmdstat_{command}:calls=")));
    line.map_or(0, |calls| calls.split(',').next().unwrap().parse().unwrap())
}

/// A replay writes nothing itself, and servers such as Redis 8 do not wait on a connection that has written nothing. So
/// something is written there before each wait; others, such as Redis 7, would wait without, and cannot show it otherwise.
#[tokio::test]
async fn given_a_replay_when_the_replicas_are_waited_for_then_something_is_written_before() {
    let Some((primary, _replica)) = pair() else { return };
    let backplane = RedisBackplane::connect(&waiting(&primary)).await.unwrap();
    let commit = one_of_each(&ExperimentKey::new("checkout").unwrap(), 1);
    backplane.commit(&commit).await.unwrap();
    let before = ["set", "wait"].map(|command| times(&primary, command));
    assert!(backplane.commit(&commit).await.unwrap().replayed);
    // The listing may be written again, and waits by itself.
    let [marks, waits] = [0, 1].map(|at| times(&primary, ["set", "wait"][at]) - before[at]);
    assert!(waits > 0 && marks == waits, "{marks} before {waits}");
}

#[tokio::test]
async fn given_more_replicas_wanted_than_there_are_then_it_connects_and_each_write_tells() {
    let Some(server) = server(&[]) else { return };
    let options = waiting(&server).wait_timeout(Duration::from_millis(50)).unwrap();
    let backplane = RedisBackplane::connect(&options).await.unwrap();
    let key = ExperimentKey::new("checkout").unwrap();
    let error = backplane.commit(&one_of_each(&key, 1)).await.unwrap_err();
    assert!(error.is_retryable() && error.to_string().contains("waitReplicas"), "{error}");
    assert_eq!(backplane.head(&key, Consistency::Strong).await.unwrap().sequence, Sequence::ZERO);
}

/// Many writes that come at once wait together.
#[tokio::test]
async fn given_many_writes_at_once_then_they_share_what_is_waited_for() {
    let Some((primary, _replica)) = pair() else { return };
    let backplane = RedisBackplane::connect(&waiting(&primary)).await.unwrap();
    let keys: Vec<_> = (0..64).map(|number| ExperimentKey::new(&format!("e{number}")).unwrap()).collect();
    let commit_all = async |version: u64| {
        let commits: Vec<_> = keys.iter().map(|key| one_of_each(key, version)).collect();
        for receipt in join_all(commits.iter().map(|commit| backplane.commit(commit))).await {
            assert_eq!(receipt.unwrap().sequence.get(), version);
        }
    };
    commit_all(1).await;
    assert_eq!(raw(&primary).ask(&["CONFIG", "RESETSTAT"]).unwrap(), Answer::Text("OK".to_owned()));
    for version in 2..=5 {
        commit_all(version).await;
    }
    let stats = raw(&primary).ask(&["INFO", "commandstats"]).unwrap().text();
    let waits =
        stats.lines().find_map(|line| line.strip_prefix("cmdstat_wait:calls=")?.split(',').next()?.parse().ok());
    let waits: usize = waits.unwrap();
    assert!((4..64).contains(&waits), "{waits} waits for 256 commits");
}

#[tokio::test]
async fn given_a_backplane_that_is_closed_then_its_connections_are_gone() {
    let Some((primary, _replica)) = pair() else { return };
    let backplane = RedisBackplane::connect(&waiting(&primary).connections(3).unwrap()).await.unwrap();
    for version in 1..=6 {
        backplane.commit(&one_of_each(&ExperimentKey::new("checkout").unwrap(), version)).await.unwrap();
    }
    let mut admin = raw(&primary);
    let mut clients = || admin.ask(&["CLIENT", "LIST", "TYPE", "normal"]).unwrap().text().lines().count();
    // Three for reads, three for writes, and the one that asks.
    assert_eq!(clients(), 7);
    backplane.close().await.unwrap();
    while clients() > 1 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn given_a_user_who_may_not_wait_then_it_is_refused() {
    let Some(server) = server(&["--user", "bob", "on", ">pass", "~*", "&*", "+@all", "-wait"]) else { return };
    let bob = options_as(&server, "bob", "pass");
    RedisBackplane::connect(&bob).await.unwrap();
    let error = RedisBackplane::connect(&bob.wait_replicas(1).unwrap()).await.unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }) && error.to_string().contains("wait"), "{error}");
}

mod cluster {
    use super::Place;

    governance_persistence_conformance::certify!(Place::on_a_cluster().waiting_for_a_replica());
}
