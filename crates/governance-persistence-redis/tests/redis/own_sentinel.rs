//! Servers behind Sentinels of a test's own: the primary dies, Sentinels die, passwords are wrong.

use crate::place::one_of_each;
use crate::writers::{Writers, keys, verify};
use governance_persistence::{Backplane, BackplaneExt, Error, ExperimentKey, Outcome, Retrying};
use governance_persistence_redis::{RedisBackplane, RedisOptions};
use std::sync::Arc;
use std::time::Duration;
use xtask::services::{Directory, Redis, RedisSentinel, Service};

/// Two servers and three Sentinels, which these lines set up too.
fn watched(lines: &[&str]) -> Option<RedisSentinel> {
    if !Service::RedisSentinel.is_available().expect("Redis is installed where it has to be") {
        return None;
    }
    let directory = Directory::create().expect("there is room");
    Some(RedisSentinel::start(&directory, lines).expect("they start"))
}

fn options(watched: &RedisSentinel) -> RedisOptions {
    RedisOptions::new(&watched.url()).unwrap().command_timeout(Duration::from_secs(2)).unwrap()
}

async fn connect(watched: &RedisSentinel, wait_replicas: usize) -> Arc<dyn Backplane> {
    let backplane = RedisBackplane::connect(&options(watched).wait_replicas(wait_replicas).unwrap()).await.unwrap();
    Arc::new(Retrying::new(backplane).deadline(Duration::from_secs(60)))
}

async fn refusal(options: &RedisOptions) -> Error {
    match RedisBackplane::connect(options).await {
        Ok(_) => panic!("it was not refused"),
        Err(error) => error,
    }
}

/// Kills the primary, and waits until the replica has taken over, and the first Sentinel knows it.
fn kill_primary(watched: &mut RedisSentinel) {
    watched.servers_mut()[0].kill().unwrap();
    while watched.primary(0).unwrap() != watched.servers()[1].port() {}
    // The Sentinels cut a server's connections when they promote it, this one too.
    let is_master =
        |server: &Redis| server.cli(&["INFO", "replication"]).is_ok_and(|info| info.contains("role:master"));
    while !is_master(&watched.servers()[1]) {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_primary_that_is_killed_while_many_write_then_they_go_on_with_its_replica() {
    let Some(mut watched) = watched(&[]) else { return };
    let backplane = connect(&watched, 0).await;
    let writers = Writers::start(&backplane, keys(16));
    writers.go_on(10).await;
    let _watched = tokio::task::spawn_blocking(move || {
        kill_primary(&mut watched);
        watched
    })
    .await
    .unwrap();
    writers.go_on(10).await;
    for (key, sent) in writers.stop().await {
        // What was written before the primary died may be lost, but for what its replica had got long since.
        assert!(verify(&backplane, &key, &sent).await >= 10, "{key}");
    }
}

/// Given writers that went on over a failover, then they keep the connections that they have by then: each client that
/// lost its server was replaced once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_primary_that_is_killed_while_many_write_then_connections_are_made_again_once() {
    let Some(mut watched) = watched(&[]) else { return };
    let backplane = connect(&watched, 0).await;
    let writers = Writers::start(&backplane, keys(64));
    writers.go_on(10).await;
    let watched = tokio::task::spawn_blocking(move || {
        kill_primary(&mut watched);
        watched
    })
    .await
    .unwrap();
    writers.go_on(10).await;
    let connections = || {
        let stats = watched.servers()[1].cli(&["INFO", "stats"]).unwrap();
        let all = stats.lines().find_map(|line| line.trim().strip_prefix("total_connections_received:")?.parse().ok());
        // The Sentinels ask too, and so does this.
        let all: usize = all.unwrap();
        all
    };
    let mut before = connections();
    // What was sent before may be answered late, and the Sentinels connect again too.
    for _ in 0..20 {
        writers.go_on(25).await;
        let now = connections();
        if now == before + 1 {
            writers.stop().await;
            return;
        }
        before = now;
    }
    panic!("clients are replaced all the time");
}

/// Given a primary that is killed while many wait for its replica, then nothing that was acknowledged is lost, and the
/// writers go on as soon as there is a replica again, which is the old primary.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_primary_that_is_killed_while_many_wait_for_a_replica_then_nothing_acknowledged_is_lost() {
    let Some(mut watched) = watched(&[]) else { return };
    let backplane = connect(&watched, 1).await;
    let writers = Writers::start(&backplane, keys(16));
    writers.go_on(10).await;
    let _watched = tokio::task::spawn_blocking(move || {
        kill_primary(&mut watched);
        watched.servers_mut()[0].restart().unwrap();
        watched
    })
    .await
    .unwrap();
    writers.go_on(10).await;
    for (key, sent) in writers.stop().await {
        assert_eq!(verify(&backplane, &key, &sent).await, sent.len(), "{key}");
    }
}

/// Given a primary that dies when a Sentinel is gone, and another Sentinel that dies then, when only the one is left that
/// was asked at first, then the same handle finds the new primary.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_only_the_first_sentinel_is_left_when_the_primary_has_changed_then_it_is_asked_again() {
    let Some(mut watched) = watched(&[]) else { return };
    let backplane = connect(&watched, 0).await;
    let key = ExperimentKey::new("checkout").unwrap();
    let commits = [1, 2].map(|version| one_of_each(&key, version));
    backplane.commit(&commits[0]).await.unwrap();
    let _watched = tokio::task::spawn_blocking(move || {
        watched.kill_sentinel(2).unwrap();
        kill_primary(&mut watched);
        // Only the one that was asked when connecting is left.
        watched.kill_sentinel(1).unwrap();
        watched
    })
    .await
    .unwrap();
    backplane.commit(&commits[1]).await.unwrap();
    assert_eq!(verify(&backplane, &key, &commits.map(|commit| commit.id())).await, 2);
}

#[tokio::test]
async fn given_sentinels_with_a_password_then_it_is_needed_and_no_error_shows_it() {
    let Some(watched) = watched(&["requirepass right-secret", "sentinel sentinel-pass right-secret"]) else { return };
    let options = options(&watched).connect_timeout(Duration::from_secs(2)).unwrap();
    let backplane = RedisBackplane::connect(&options.clone().sentinel_password("right-secret")).await.unwrap();
    let key = ExperimentKey::new("checkout").unwrap();
    backplane.commit(&one_of_each(&key, 1)).await.unwrap();
    assert!(backplane.get_experiment_state(&key).await.unwrap().is_some());

    let error = refusal(&options).await;
    assert!(matches!(error, Error::Invalid(_)) && error.to_string().contains("sentinelPassword"), "{error}");
    let error = refusal(&options.sentinel_password("wrong-secret")).await;
    assert!(matches!(&error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error}");
    assert!(error.to_string().contains("sentinelPassword"), "{error}");
    assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
}

#[tokio::test]
async fn given_a_service_that_the_sentinels_do_not_know_or_a_server_that_is_no_sentinel_then_it_says_so() {
    let Some(watched) = watched(&[]) else { return };
    let url = watched.url().replace("service=governance", "service=other");
    let error = refusal(&RedisOptions::new(&url).unwrap()).await;
    assert!(matches!(error, Error::Unsupported { .. }) && error.to_string().contains("service"), "{error}");
    let url = format!("redis-sentinel://127.0.0.1:{}?service=governance", watched.servers()[0].port());
    let error = refusal(&RedisOptions::new(&url).unwrap()).await;
    assert!(matches!(error, Error::Unsupported { .. }) && error.to_string().contains("SENTINEL"), "{error}");
    let sentinel = watched.url().replace("redis-sentinel://", "redis://");
    let error =
        refusal(&RedisOptions::new(sentinel.split('/').take(3).collect::<Vec<_>>().join("/").as_str()).unwrap()).await;
    assert!(error.to_string().contains("redis-sentinel://"), "{error}");
    let options = RedisOptions::new(&format!("redis://127.0.0.1:{}", watched.servers()[0].port())).unwrap();
    let error = refusal(&options.sentinel_password("x")).await;
    assert!(matches!(error, Error::Invalid(_)) && error.to_string().contains("sentinelPassword"), "{error}");
}
