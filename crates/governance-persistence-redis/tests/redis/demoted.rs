//! A primary that becomes a replica, while the address that it had leads to another server by now.

use crate::own::{raw, server};
use crate::place::one_of_each;
use crate::proxy::Proxy;
use crate::raw::Answer;
use governance_persistence::{Backplane, Consistency, Error, ExperimentKey, Retrying};
use governance_persistence_redis::{RedisBackplane, RedisOptions};
use std::net::SocketAddr;
use std::time::Duration;
use xtask::services::Redis;

fn address(server: &Redis) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], server.port()))
}

/// Given a handle whose server is made a replica of another, and an address that leads to that one, then the handle goes
/// on there, without being made again.
async fn goes_on_with_the_new_primary(wait_replicas: usize) {
    let Some(old) = server(&[]) else { return };
    let new = old.replica(&[]).unwrap();
    let proxy = Proxy::start(address(&old)).await;
    let options = RedisOptions::new(&format!("redis://{}", proxy.address)).unwrap();
    let options = options.wait_replicas(wait_replicas).unwrap().wait_timeout(Duration::from_secs(5)).unwrap();
    let backplane = Retrying::new(RedisBackplane::connect(&options).await.unwrap()).deadline(Duration::from_secs(60));
    let key = ExperimentKey::new("checkout").unwrap();
    for version in 1..=3 {
        backplane.commit(&one_of_each(&key, version)).await.unwrap();
    }
    let sequence = ["HGET", "governance:{//checkout}:head", "sequence"];
    while raw(&new).ask(&sequence).unwrap() != Answer::Text("3".to_owned()) {}

    proxy.lead_to(address(&new));
    let ok = Answer::Text("OK".to_owned());
    assert_eq!(raw(&new).ask(&["REPLICAOF", "NO", "ONE"]).unwrap(), ok);
    assert_eq!(raw(&old).ask(&["REPLICAOF", "127.0.0.1", &new.port().to_string()]).unwrap(), ok);
    for version in 4..=6 {
        assert_eq!(backplane.commit(&one_of_each(&key, version)).await.unwrap().sequence.get(), version);
    }
    assert_eq!(raw(&new).ask(&sequence).unwrap(), Answer::Text("6".to_owned()));
    assert_eq!(backplane.head(&key, Consistency::Strong).await.unwrap().sequence.get(), 6);
}

/// Given a primary that becomes a replica and stays at its address, then it is not connected to again with every write that
/// it refuses, and it is read from.
#[tokio::test]
async fn given_a_primary_that_becomes_a_replica_and_stays_then_it_is_not_connected_to_all_the_time() {
    let Some(old) = server(&[]) else { return };
    let new = old.replica(&[]).unwrap();
    let options = RedisOptions::new(&old.url()).unwrap().connections(1).unwrap();
    let backplane =
        RedisBackplane::connect(&options.max_reconnect_delay(Duration::from_secs(60)).unwrap()).await.unwrap();
    let key = ExperimentKey::new("checkout").unwrap();
    backplane.commit(&one_of_each(&key, 1)).await.unwrap();
    let mut admin = raw(&old);
    let ok = Answer::Text("OK".to_owned());
    assert_eq!(raw(&new).ask(&["REPLICAOF", "NO", "ONE"]).unwrap(), ok);
    assert_eq!(admin.ask(&["REPLICAOF", "127.0.0.1", &new.port().to_string()]).unwrap(), ok);
    let mut connections = || {
        let stats = admin.ask(&["INFO", "stats"]).unwrap().text();
        let all = stats.lines().find_map(|line| line.trim().strip_prefix("total_connections_received:")?.parse().ok());
        let all: usize = all.unwrap();
        all
    };
    let before = connections();
    let mut only_reads = 0;
    for _ in 0..200 {
        let error = backplane.commit(&one_of_each(&key, 2)).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }), "{error}");
        // It may also be loading what the other sent.
        only_reads += usize::from(error.to_string().contains("only reads"));
    }
    assert!(only_reads > 100, "{only_reads} of 200 were told that it only reads");
    let backplane = Retrying::new(backplane).deadline(Duration::from_secs(60));
    assert_eq!(backplane.head(&key, Consistency::Strong).await.unwrap().sequence.get(), 1);
    assert!(connections() <= before + 1, "{} connections for 200 commits", connections() - before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_primary_that_becomes_a_replica_when_its_address_leads_elsewhere_then_it_goes_on_there() {
    goes_on_with_the_new_primary(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_primary_that_becomes_a_replica_when_writes_wait_for_one_then_it_goes_on_there() {
    goes_on_with_the_new_primary(1).await;
}
