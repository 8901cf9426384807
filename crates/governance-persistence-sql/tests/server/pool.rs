//! Few connections for many callers: all are served.

use crate::ledger::Ledger;
use crate::place::Place;
use futures_util::future::join_all;
use governance_persistence::{Backplane, Commit, Consistency, Expected, ExperimentKey};
use governance_persistence_conformance::samples;
use governance_persistence_sql::SqlBackplane;
use std::sync::Arc;
use std::time::Duration;

fn commit(key: &ExperimentKey) -> Commit {
    Commit::builder(key, Expected::Any).record(samples::transition()).build().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_one_connection_each_when_200_tasks_read_and_commit_at_once_then_all_are_served() {
    let Some(place) = Place::or_skip().await else { return };
    let hour = Duration::from_secs(60 * 60);
    let options = place.options().max_connections(1).unwrap().writers(1).unwrap().acquire_timeout(hour).unwrap();
    let backplane = Arc::new(SqlBackplane::connect(&options).await.unwrap());
    let ledger = Arc::new(Ledger::default());
    let tasks = (0..200).map(|task| {
        let (backplane, ledger) = (backplane.clone(), ledger.clone());
        tokio::spawn(async move {
            let key = ExperimentKey::new(&format!("e{}", task % 20)).unwrap();
            for _ in 0..3 {
                let commit = commit(&key);
                ledger.sent(&commit);
                let receipt = backplane.commit(&commit).await.unwrap();
                ledger.acknowledged(receipt);
                let head = backplane.head(&key, Consistency::Strong).await.unwrap();
                assert!(head.sequence >= receipt.sequence);
                let entry = backplane.entry(&key, commit.id(), Consistency::Strong).await.unwrap();
                assert_eq!(entry.unwrap().sequence, receipt.sequence);
            }
        })
    });
    join_all(tasks).await.into_iter().for_each(|ended| ended.unwrap());
    assert_eq!(ledger.check(&*backplane).await, 600);
}
