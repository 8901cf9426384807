//! Redis servers: what a crash leaves, what is gone in the end, a cluster and Sentinels that replace a server.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::thread::sleep;
use std::time::{Duration, Instant};
use xtask::services::{Directory, Redis, RedisCluster, RedisOptions, RedisSentinel, Service};

fn start(arguments: &[&str]) -> anyhow::Result<Redis> {
    let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    Redis::start(&Directory::create()?, &RedisOptions { arguments })
}

#[test]
fn given_a_crash_when_restarted_then_the_data_is_there_and_in_the_end_nothing_is() {
    if !Service::Redis.is_available().unwrap() {
        return;
    }
    let mut server = start(&["--appendfsync", "always"]).unwrap();
    let (directory, crashed, port) = (server.directory().path().to_owned(), server.process(), server.port());
    server.cli(&["SET", "key", "7"]).unwrap();

    server.kill().unwrap();
    assert!(!crashed.is_running());
    assert!(server.cli(&["PING"]).is_err());

    server.restart().unwrap();
    assert_eq!(server.cli(&["GET", "key"]).unwrap(), "7");
    assert_eq!((server.port(), server.url()), (port, format!("redis://127.0.0.1:{port}/0")));

    let second = server.process();
    drop(server);
    assert!(!second.is_running() && !directory.exists());
}

#[test]
fn given_an_argument_that_is_refused_then_the_error_shows_the_log() {
    if !Service::Redis.is_available().unwrap() {
        return;
    }
    let error = format!("{:#}", start(&["--no-such-argument", "1"]).unwrap_err());
    assert!(error.contains("Redis did not start") && error.contains("no-such-argument"), "{error}");
}

#[test]
fn given_a_cluster_when_a_master_is_killed_then_its_replica_takes_over() {
    if !Service::RedisCluster.is_available().unwrap() {
        return;
    }
    let mut cluster = RedisCluster::start(&Directory::create().unwrap()).unwrap();
    assert_eq!(cluster.url().matches("127.0.0.1:").count(), 6);
    cluster.nodes_mut()[0].kill().unwrap();
    let bound = Instant::now() + Duration::from_secs(60);
    let taken_over = || {
        let nodes = cluster.nodes()[1].cli(&["CLUSTER", "NODES"]).unwrap();
        let masters = |failed: bool| {
            nodes.lines().filter(|line| line.contains("master") && line.contains("fail") == failed).count()
        };
        masters(true) == 1 && masters(false) == 3
    };
    while !taken_over() {
        assert!(Instant::now() < bound, "no replica took over");
        sleep(Duration::from_millis(50));
    }
}

#[test]
fn given_servers_behind_sentinels_when_the_primary_is_killed_then_its_replica_takes_over_and_in_the_end_nothing_is_left()
 {
    if !Service::RedisSentinel.is_available().unwrap() {
        return;
    }
    let mut watched = RedisSentinel::start(&Directory::create().unwrap(), &[]).unwrap();
    assert_eq!(watched.url().matches("127.0.0.1:").count(), 3);
    watched.servers_mut()[0].kill().unwrap();
    let bound = Instant::now() + Duration::from_secs(60);
    while !watched.servers()[1].cli(&["INFO", "replication"]).unwrap().contains("role:master") {
        assert!(Instant::now() < bound, "the replica did not take over");
        sleep(Duration::from_millis(50));
    }
    let directory = watched.servers()[0].directory().path().to_owned();
    drop(watched);
    assert!(!directory.exists());
}
