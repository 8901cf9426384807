//! Connections whose other end is gone without a word: nothing arrives any more, and nobody is told.

use crate::place::{Place, one_of_each};
use crate::proxy::Proxy;
use futures_util::future::join_all;
use governance_persistence::{Backplane, Consistency, Error, ExperimentKey, Outcome};
use governance_persistence_sql::SqlBackplane;
use std::time::Duration;

const READERS: u32 = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_connections_that_are_all_frozen_when_a_read_was_given_up_then_the_next_are_answered_on_new_ones() {
    let Some(place) = Place::or_skip().await else { return };
    let (proxy, options) = Proxy::before(&place).await;
    let options = options.max_connections(READERS).unwrap().acquire_timeout(Duration::from_secs(8)).unwrap();
    let options = options.statement_timeout(Duration::from_millis(500)).unwrap();
    let backplane = SqlBackplane::connect(&options).await.unwrap();
    let key = ExperimentKey::new("checkout").unwrap();
    let receipt = backplane.commit(&one_of_each(&key, 1)).await.unwrap();
    let heads = |count| join_all((0..count).map(|_| backplane.head(&key, Consistency::Strong)));
    for head in heads(100).await {
        assert_eq!(head.unwrap().sequence, receipt.sequence);
    }

    assert!(proxy.freeze() > READERS as usize, "the readers had not all connected");
    // Each of these may get one of them, and must end in time.
    for read in heads(READERS).await {
        let error = read.expect_err("nothing passes");
        assert!(matches!(error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error:?}");
    }
    for head in heads(100).await {
        assert_eq!(head.unwrap().sequence, receipt.sequence);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_writer_that_froze_while_it_was_idle_when_committing_then_it_is_given_up_long_before_a_statement_would_be()
 {
    let Some(place) = Place::or_skip().await else { return };
    let (proxy, options) = Proxy::before(&place).await;
    let options = options.writers(1).unwrap().acquire_timeout(Duration::from_secs(4)).unwrap();
    let options = options.statement_timeout(Duration::from_secs(600)).unwrap();
    let backplane = SqlBackplane::connect(&options).await.unwrap();
    let key = ExperimentKey::new("checkout").unwrap();
    backplane.commit(&one_of_each(&key, 1)).await.unwrap();

    proxy.freeze();
    // Longer than a connection is trusted without being asked.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let commit = one_of_each(&key, 2);
    let committed = tokio::time::timeout(Duration::from_secs(60), backplane.commit(&commit)).await;
    assert!(!committed.expect("it waits as for a statement").unwrap().replayed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_connections_that_froze_while_they_were_idle_when_reading_then_no_read_is_lost() {
    let Some(place) = Place::or_skip().await else { return };
    let (proxy, options) = Proxy::before(&place).await;
    let options = options.max_connections(READERS).unwrap().acquire_timeout(Duration::from_secs(8)).unwrap();
    let backplane = SqlBackplane::connect(&options).await.unwrap();
    let key = ExperimentKey::new("checkout").unwrap();
    let receipt = backplane.commit(&one_of_each(&key, 1)).await.unwrap();
    for _ in 0..READERS {
        let heads = join_all((0..100).map(|_| backplane.head(&key, Consistency::Strong))).await;
        heads.into_iter().for_each(|head| assert_eq!(head.unwrap().sequence, receipt.sequence));
    }

    assert!(proxy.freeze() > 1);
    // Longer than a connection is trusted without being asked.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    // One after the other: the first finds all of them useless, one by one.
    for _ in 0..3 {
        assert_eq!(backplane.head(&key, Consistency::Strong).await.unwrap().sequence, receipt.sequence);
    }
}
