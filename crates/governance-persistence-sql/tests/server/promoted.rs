//! A primary that dies in the middle of commits, and a replica that was in step with it and is promoted.

use crate::ledger::Ledger;
use crate::own::Own;
use futures_util::future::join_all;
use governance_persistence::{Backplane, Commit, Error, Expected, ExperimentKey};
use governance_persistence_conformance::samples;
use governance_persistence_sql::{Migrate, SqlBackplane, SqlOptions};
use std::sync::Arc;
use std::time::Duration;

const HANGS: Duration = Duration::from_secs(90);
const TASKS: usize = 16;
/// So many commits before it dies.
const COMMITS: usize = 400;

/// Commits to a few experiments until one is not acknowledged, which is returned.
async fn write(backplane: Arc<SqlBackplane>, ledger: Arc<Ledger>, task: usize) -> Commit {
    let key = ExperimentKey::new(&format!("shared-{}", task % 4)).unwrap();
    loop {
        let commit = Commit::builder(&key, Expected::Any).record(samples::transition()).build().unwrap();
        ledger.sent(&commit);
        match backplane.commit(&commit).await {
            Ok(receipt) => ledger.acknowledged(receipt),
            Err(error) => {
                assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
                return commit;
            }
        }
    }
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let looking = async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(HANGS, looking).await.unwrap_or_else(|_| panic!("{what} never comes"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_replica_in_step_when_the_primary_dies_among_16_who_commit_then_it_has_each_acknowledged_commit() {
    let Some(mut own) = Own::start_followed() else { return };
    let backplane = Arc::new(own.connect().await);
    let replica = own.server.replica().unwrap();
    own.keep_in_step(&replica);
    let ledger = Arc::new(Ledger::default());
    let tasks = (0..TASKS).map(|task| tokio::spawn(write(Arc::clone(&backplane), Arc::clone(&ledger), task)));
    let tasks: Vec<_> = tasks.collect();
    until("a commit", || ledger.count_acknowledged() > COMMITS).await;

    // When the replica is out of reach, so that nothing is acknowledged any more, and then the primary dies
    replica.pause().unwrap();
    until("a commit that waits for the replica", || own.waits_for_the_replica()).await;
    own.server.kill().unwrap();
    let unsettled: Vec<Commit> = join_all(tasks).await.into_iter().map(|ended| ended.unwrap()).collect();
    replica.resume().unwrap();
    replica.promote().unwrap();

    // Then all that was acknowledged is on the replica
    let options = SqlOptions::new(&replica.url()).unwrap().migrate(Migrate::Never);
    let promoted = SqlBackplane::connect(&options).await.unwrap();
    assert!(ledger.check(&promoted).await >= ledger.count_acknowledged());
    // And what was not is settled by sending the same once more
    for commit in &unsettled {
        ledger.acknowledged(promoted.commit(commit).await.unwrap());
    }
    assert_eq!(ledger.check(&promoted).await, ledger.count_acknowledged());
}
