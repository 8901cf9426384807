//! Writers that go on while servers die, and whether all that they were told is there.

use governance_persistence::{
    Backplane, Commit, CommitId, Consistency, Expected, ExperimentKey, LifecycleState, PolicyEvaluation, Severity,
    StateChange, replay,
};
use governance_persistence_conformance::Snapshot;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;

/// A commit with a new state and a record.
pub(crate) fn commit(key: &ExperimentKey) -> Commit {
    let evaluation = PolicyEvaluation::new("budget", true, Severity::Info);
    let state = StateChange::to(LifecycleState::Running);
    Commit::builder(key, Expected::Any).state(state).record(evaluation).build().unwrap()
}

/// The experiments of so many writers.
pub(crate) fn keys(writers: usize) -> Vec<ExperimentKey> {
    (0..writers).map(|writer| ExperimentKey::new(&format!("of writer {writer}")).unwrap()).collect()
}

/// Writers, each on an experiment of its own, until they are told to stop.
pub(crate) struct Writers {
    stop: Arc<AtomicBool>,
    acknowledged: Vec<Arc<AtomicUsize>>,
    tasks: Vec<JoinHandle<(ExperimentKey, Vec<CommitId>)>>,
}

impl Writers {
    pub(crate) fn start(backplane: &Arc<dyn Backplane>, keys: impl IntoIterator<Item = ExperimentKey>) -> Self {
        let mut writers = Self { stop: Arc::default(), acknowledged: Vec::new(), tasks: Vec::new() };
        for key in keys {
            let (backplane, stop, acknowledged) = (backplane.clone(), writers.stop.clone(), Arc::default());
            writers.acknowledged.push(Arc::clone(&acknowledged));
            writers.tasks.push(tokio::spawn(async move {
                let mut sent = Vec::new();
                while !stop.load(Ordering::SeqCst) {
                    let commit = commit(&key);
                    backplane.commit(&commit).await.unwrap();
                    sent.push(commit.id());
                    acknowledged.fetch_add(1, Ordering::SeqCst);
                }
                (key, sent)
            }));
        }
        writers
    }

    fn counts(&self) -> Vec<usize> {
        self.acknowledged.iter().map(|count| count.load(Ordering::SeqCst)).collect()
    }

    /// Waits until each writer had so many more commits acknowledged.
    pub(crate) async fn go_on(&self, commits: usize) {
        let before = self.counts();
        let lags = || self.counts().iter().zip(&before).any(|(now, before)| now - before < commits);
        while lags() && !self.tasks.iter().any(JoinHandle::is_finished) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// What each had acknowledged.
    pub(crate) async fn stop(self) -> Vec<(ExperimentKey, Vec<CommitId>)> {
        self.stop.store(true, Ordering::SeqCst);
        let mut written = Vec::new();
        for task in self.tasks {
            written.push(task.await.unwrap());
        }
        written
    }
}

/// Every entry verifies, the log has no gap and leads to the head, nothing is there twice, and nothing that was not
/// sent. Returns how many of the commits are there.
pub(crate) async fn verify(backplane: &Arc<dyn Backplane>, key: &ExperimentKey, sent: &[CommitId]) -> usize {
    let snapshot = Snapshot::of(&**backplane, key).await;
    snapshot.log.iter().for_each(|entry| entry.verify().unwrap());
    let replayed = snapshot.log.iter().try_fold(replay::start(key), replay::apply).unwrap();
    assert_eq!(replayed, backplane.head(key, Consistency::Strong).await.unwrap(), "{key}");
    let there: BTreeSet<CommitId> = snapshot.log.iter().map(|entry| entry.commit_id).collect();
    assert_eq!(there.len(), snapshot.log.len(), "{key}: a commit is there twice");
    assert!(there.is_subset(&sent.iter().copied().collect()), "{key}: a commit is there that was not sent");
    there.len()
}
