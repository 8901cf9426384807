//! A server that is killed, or restarted in order, in the middle of commits.

use crate::ledger::Ledger;
use crate::own::Own;
use futures_util::future::join_all;
use governance_persistence::{Backplane, Commit, Expected, ExperimentKey, Retrying};
use governance_persistence_conformance::samples;
use governance_persistence_sql::SqlBackplane;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const TASKS: usize = 16;

/// Tasks that commit to a few experiments until they are told to stop.
pub(crate) struct Writers {
    pub(crate) ledger: Arc<Ledger>,
    stop: Arc<AtomicBool>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Writers {
    pub(crate) fn start(backplane: &Arc<Retrying<SqlBackplane>>) -> Self {
        let (ledger, stop) = (Arc::new(Ledger::default()), Arc::new(AtomicBool::new(false)));
        let tasks = (0..TASKS).map(|task| {
            let (backplane, ledger, stop) = (backplane.clone(), ledger.clone(), stop.clone());
            tokio::spawn(async move {
                // Some share an experiment, and some make new ones.
                let shared = ExperimentKey::new(&format!("shared-{}", task % 4)).unwrap();
                for round in 0.. {
                    let own = ExperimentKey::new(&format!("own-{task}-{round}")).unwrap();
                    let key = if round % 8 == 0 { &own } else { &shared };
                    let commit = Commit::builder(key, Expected::Any);
                    let commit = commit.records([samples::transition(), samples::transition()]).build().unwrap();
                    ledger.sent(&commit);
                    ledger.acknowledged(backplane.commit(&commit).await.unwrap());
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                }
            })
        });
        let tasks = tasks.collect();
        Self { ledger, stop, tasks }
    }

    /// Until so many more were acknowledged.
    pub(crate) async fn until(&self, more: usize) {
        let wanted = self.ledger.count_acknowledged() + more;
        while self.ledger.count_acknowledged() < wanted {
            assert!(self.tasks.iter().any(|task| !task.is_finished()), "all writers have ended");
            tokio::task::yield_now().await;
        }
    }

    /// Until each has finished what it was at.
    pub(crate) async fn finish(self) -> Arc<Ledger> {
        self.stop.store(true, Ordering::Relaxed);
        join_all(self.tasks).await.into_iter().for_each(|ended| ended.unwrap());
        self.ledger
    }
}

pub(crate) fn patient(backplane: SqlBackplane) -> Arc<Retrying<SqlBackplane>> {
    Arc::new(Retrying::new(backplane).deadline(Duration::from_secs(120)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_server_that_is_killed_while_16_commit_when_it_is_back_then_each_acknowledged_commit_is_there_once() {
    let Some(mut own) = Own::start() else { return };
    let backplane = patient(own.connect().await);
    let writers = Writers::start(&backplane);
    for _ in 0..3 {
        writers.until(200).await;
        own.server.kill().unwrap();
        own.server.restart().unwrap();
    }
    // And once in order, as for an upgrade.
    writers.until(200).await;
    own.server.restart().unwrap();
    writers.until(200).await;
    let ledger = writers.finish().await;
    assert!(ledger.count_acknowledged() > 1_000);
    assert!(ledger.check(&own.connect().await).await >= ledger.count_acknowledged());
    // The one that lived through it has lost nothing either.
    ledger.check(&backplane).await;
}
