//! Redis over TLS: who may talk to whom, and which option is named when they may not.

use crate::own::raw;
use crate::place::one_of_each;
use crate::writers::{Writers, keys, verify};
use governance_persistence::{Backplane, Error, ExperimentKey, Outcome, Retrying};
use governance_persistence_redis::{RedisBackplane, RedisOptions};
use std::sync::Arc;
use std::time::Duration;
use xtask::services::{Certificate, Directory, Redis, RedisCluster, RedisSentinel, Service};

/// A server that asks for certificates if `clients` says so, the port at which it speaks TLS, and a client's certificate.
fn server(clients: bool) -> Option<(Redis, u16, Certificate)> {
    if !Service::Redis.is_available().expect("Redis is installed where it has to be") {
        return None;
    }
    let directory = Directory::create().expect("there is room");
    let (server, port) = Redis::start_with_tls(&directory, clients).expect("the server starts");
    Some((server, port, directory.client_certificate().expect("the authority gives one")))
}

fn options(scheme: &str, port: u16) -> RedisOptions {
    let options = RedisOptions::new(&format!("{scheme}://127.0.0.1:{port}")).unwrap();
    options.connect_timeout(Duration::from_secs(2)).unwrap().command_timeout(Duration::from_secs(2)).unwrap()
}

async fn refusal(options: &RedisOptions) -> Error {
    match RedisBackplane::connect(options).await {
        Ok(_) => panic!("it was not refused"),
        Err(error) => error,
    }
}

async fn commits(options: &RedisOptions) {
    let backplane = RedisBackplane::connect(options).await.unwrap();
    backplane.commit(&one_of_each(&ExperimentKey::new("checkout").unwrap(), 1)).await.unwrap();
}

#[tokio::test]
async fn given_the_right_authority_then_it_connects_by_address_and_by_name() {
    let Some((server, port, _)) = server(false) else { return };
    let ca = server.directory().ca();
    commits(&options("rediss", port).tls_ca(&ca)).await;
    let by_name = RedisOptions::new(&format!("rediss://localhost:{port}/1")).unwrap().tls_ca(&ca);
    commits(&by_name).await;
    assert_eq!(
        raw(&server).ask(&["DBSIZE"]).unwrap(),
        raw(&server).ask(&["EVAL", "redis.call('SELECT', 1) return redis.call('DBSIZE')", "0"]).unwrap()
    );
}

#[tokio::test]
async fn given_another_authority_or_that_of_the_system_then_tls_ca_is_named() {
    let Some((_server, port, _)) = server(false) else { return };
    let other = Directory::create().unwrap();
    for options in [options("rediss", port).tls_ca(other.ca()), options("rediss", port)] {
        let error = refusal(&options).await;
        assert!(matches!(error, Error::Invalid(_)) && error.to_string().contains("tlsCa"), "{error}");
    }
}

#[tokio::test]
async fn given_a_server_that_asks_for_certificates_then_only_one_of_its_authority_will_do() {
    let Some((server, port, certificate)) = server(true) else { return };
    let options = options("rediss", port).tls_ca(server.directory().ca());
    commits(&options.clone().tls_certificate(&certificate.chain).tls_key(&certificate.key)).await;

    let error = refusal(&options).await;
    assert!(matches!(error, Error::Invalid(_)) && error.to_string().contains("tlsCertificate"), "{error}");
    let other = Directory::create().unwrap();
    let stranger = other.client_certificate().unwrap();
    let error = refusal(&options.clone().tls_certificate(&stranger.chain).tls_key(&stranger.key)).await;
    assert!(matches!(error, Error::Invalid(_)) && error.to_string().contains("tlsCertificate"), "{error}");
    let error = refusal(&options.clone().tls_certificate(&certificate.chain).tls_key(&stranger.key)).await;
    assert!(matches!(error, Error::Invalid(_)) && error.to_string().contains("tlsKey"), "{error}");
    let error = refusal(&options.tls_certificate(&certificate.chain)).await;
    assert!(matches!(error, Error::Invalid(_)) && error.to_string().contains("tlsKey"), "{error}");
}

#[tokio::test]
async fn given_files_that_are_not_there_or_hold_something_else_then_the_option_is_named() {
    let Some((server, port, certificate)) = server(true) else { return };
    let (ca, missing) = (server.directory().ca(), server.data().join("missing.pem"));
    let options = || options("rediss", port);
    for (option, options) in [
        ("tlsCa", options().tls_ca(&missing)),
        ("tlsCa", options().tls_ca(&certificate.key)),
        ("tlsCertificate", options().tls_ca(&ca).tls_certificate(&missing).tls_key(&certificate.key)),
        ("tlsKey", options().tls_ca(&ca).tls_certificate(&certificate.chain).tls_key(&missing)),
        ("tlsKey", options().tls_ca(&ca).tls_certificate(&certificate.chain).tls_key(&ca)),
    ] {
        let error = refusal(&options).await;
        assert!(matches!(error, Error::Invalid(_)) && error.to_string().contains(option), "{option}: {error}");
    }
}

#[tokio::test]
async fn given_tls_on_one_side_only_then_the_url_is_named() {
    let Some((server, port, _)) = server(false) else { return };
    let error = refusal(&options("redis", port)).await;
    assert!(matches!(error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error}");
    assert!(error.to_string().contains("rediss://"), "{error}");
    let error = refusal(&options("rediss", server.port()).tls_ca(server.directory().ca())).await;
    assert!(error.to_string().contains("TLS"), "{error}");
    let error = refusal(&options("redis", server.port()).tls_ca(server.directory().ca())).await;
    assert!(matches!(error, Error::Invalid(_)) && error.to_string().contains("tlsCa"), "{error}");
}

/// Given a cluster over TLS, then writers go on over it, with replicas to wait for, and when a master is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_cluster_over_tls_then_all_is_written_that_waits_for_a_replica() {
    if !Service::RedisCluster.is_available().expect("Redis is installed where it has to be") {
        return;
    }
    let directory = Directory::create().unwrap();
    let (_cluster, port) = RedisCluster::start_with_tls(&directory).unwrap();
    let certificate = directory.client_certificate().unwrap();
    let options = options("rediss-cluster", port).tls_ca(directory.ca());
    let options = options.tls_certificate(&certificate.chain).tls_key(&certificate.key);
    for wait_replicas in [0, 1] {
        let options = options.clone().prefix(&format!("{wait_replicas}:")).unwrap();
        let backplane = RedisBackplane::connect(&options.wait_replicas(wait_replicas).unwrap()).await.unwrap();
        let backplane: Arc<dyn Backplane> = Arc::new(backplane);
        let writers = Writers::start(&backplane, keys(16));
        writers.go_on(5).await;
        for (key, sent) in writers.stop().await {
            assert_eq!(verify(&backplane, &key, &sent).await, sent.len(), "{key}");
        }
    }
}

/// Given servers and Sentinels that talk over TLS, when the primary is killed, then the same handle goes on with its
/// replica; without the authority nobody answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_sentinels_over_tls_when_the_primary_is_killed_then_it_goes_on_with_the_replica() {
    if !Service::RedisSentinel.is_available().expect("Redis is installed where it has to be") {
        return;
    }
    let directory = Directory::create().unwrap();
    let (mut watched, url) = RedisSentinel::start_with_tls(&directory).unwrap();
    let certificate = directory.client_certificate().unwrap();
    let options = RedisOptions::new(&url).unwrap().connect_timeout(Duration::from_secs(2)).unwrap();
    let error = refusal(&options).await;
    assert!(error.is_retryable() && error.to_string().contains("TLS"), "{error}");
    let options = options.tls_ca(directory.ca()).tls_certificate(&certificate.chain).tls_key(&certificate.key);
    let backplane = RedisBackplane::connect(&options.command_timeout(Duration::from_secs(2)).unwrap()).await.unwrap();
    let backplane: Arc<dyn Backplane> = Arc::new(Retrying::new(backplane).deadline(Duration::from_secs(60)));
    let writers = Writers::start(&backplane, keys(4));
    writers.go_on(10).await;
    let _watched = tokio::task::spawn_blocking(move || {
        watched.servers_mut()[0].kill().unwrap();
        while !watched.servers()[1].cli(&["INFO", "replication"]).unwrap().contains("role:master") {}
        watched
    })
    .await
    .unwrap();
    writers.go_on(10).await;
    for (key, sent) in writers.stop().await {
        assert!(verify(&backplane, &key, &sent).await >= 10, "{key}");
    }
}
