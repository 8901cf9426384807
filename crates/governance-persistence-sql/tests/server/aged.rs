//! Connections that read are closed when they were idle, or there, for as long as the options say.

use crate::place::Place;
use crate::proxy::Proxy;
use futures_util::future::join_all;
use governance_persistence::{Backplane, Consistency, ExperimentKey};
use governance_persistence_sql::SqlBackplane;
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(500);
/// Only what never comes takes so long.
const LONG: Duration = Duration::from_secs(60);

async fn read(backplane: &SqlBackplane, times: usize) {
    let key = ExperimentKey::new("checkout").unwrap();
    let heads = join_all((0..times).map(|_| backplane.head(&key, Consistency::Strong))).await;
    heads.into_iter().for_each(|head| drop(head.unwrap()));
}

/// Waits until it is so; nothing tells when a connection is closed.
async fn until(is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(LONG, waiting).await.expect("it comes to be so");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_connections_without_work_when_idle_timeout_is_over_then_only_those_that_write_are_left() {
    let Some(place) = Place::or_skip().await else { return };
    let (proxy, options) = Proxy::before(&place).await;
    let options = options.max_connections(4).unwrap().writers(1).unwrap().idle_timeout(SHORT).unwrap();
    let backplane = SqlBackplane::connect(&options).await.unwrap();
    read(&backplane, 100).await;
    let (_, open) = proxy.connections();
    assert!(open > 1, "there are none to close");
    until(|| proxy.connections().1 == 1).await;
    read(&backplane, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_connections_that_never_rest_when_max_lifetime_is_over_then_others_take_their_place() {
    let Some(place) = Place::or_skip().await else { return };
    let (proxy, options) = Proxy::before(&place).await;
    let options = options.max_connections(1).unwrap().writers(1).unwrap().max_lifetime(SHORT).unwrap();
    let backplane = SqlBackplane::connect(&options).await.unwrap();
    read(&backplane, 1).await;
    let (before, _) = proxy.connections();
    let renewed = async {
        while proxy.connections().0 < before + 3 {
            read(&backplane, 10).await;
        }
    };
    tokio::time::timeout(LONG, renewed).await.expect("connections are made anew");
    until(|| proxy.connections().1 <= 3).await;
}
