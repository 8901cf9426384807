//! What was sent and what was acknowledged; afterwards, whether it is there: once, whole, without a gap.

use futures_util::TryStreamExt;
use governance_persistence::{
    Backplane, BackplaneExt, Commit, CommitId, Consistency, ExperimentKey, LogEntry, PageSize, Receipt, Sequence,
    replay,
};
use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

/// The commits of a run.
#[derive(Default)]
pub(crate) struct Ledger {
    sent: Mutex<HashMap<CommitId, (Commit, Option<Receipt>)>>,
}

impl Ledger {
    /// Before it is sent.
    pub(crate) fn sent(&self, commit: &Commit) {
        self.sent.lock().unwrap().insert(commit.id(), (commit.clone(), None));
    }

    /// After `Ok`.
    pub(crate) fn acknowledged(&self, receipt: Receipt) {
        let mut sent = self.sent.lock().unwrap();
        let (_, known) = sent.get_mut(&receipt.commit_id).expect("it was sent before it was acknowledged");
        if let Some(known) = known {
            assert_eq!((known.sequence, known.recorded_at), (receipt.sequence, receipt.recorded_at), "receipts agree");
        }
        *known = Some(receipt);
    }

    pub(crate) fn count_acknowledged(&self) -> usize {
        self.sent.lock().unwrap().values().filter(|(_, receipt)| receipt.is_some()).count()
    }

    /// Compares with all that is there: each acknowledged commit at the place that its receipt names, no
    /// other commits than those that were sent, each whole, and the head what the log leads to. Gives
    /// the number of commits that are there.
    pub(crate) async fn check(&self, backplane: &dyn Backplane) -> usize {
        let sent = self.sent.lock().unwrap().clone();
        let keys: BTreeMap<ExperimentKey, ()> = sent.values().map(|(commit, _)| (commit.key().clone(), ())).collect();
        let mut there = HashMap::new();
        for key in keys.keys() {
            for entry in whole_log(backplane, key).await {
                let (commit, _) = sent.get(&entry.commit_id).expect("nobody sent this commit");
                assert_eq!(entry.fingerprint, commit.fingerprint(), "it is another commit");
                assert_eq!(there.insert(entry.commit_id, entry.sequence), None, "a commit is there twice");
            }
        }
        for (commit, receipt) in sent.values() {
            let Some(receipt) = receipt else { continue };
            assert_eq!(there.get(&commit.id()), Some(&receipt.sequence), "an acknowledged commit is gone");
        }
        there.len()
    }
}

/// The whole log of an experiment: every entry verifies, no sequence is missing, and it leads to the head.
pub(crate) async fn whole_log(backplane: &dyn Backplane, key: &ExperimentKey) -> Vec<LogEntry> {
    let head = backplane.head(key, Consistency::Strong).await.unwrap();
    let log = backplane.log_stream(key, Sequence::ZERO, PageSize::MAX, Consistency::Strong);
    let log: Vec<LogEntry> = log.try_collect().await.unwrap();
    let sequences: Vec<_> = log.iter().map(|entry| entry.sequence.get()).collect();
    assert_eq!(sequences, (1..=head.sequence.get()).collect::<Vec<_>>(), "the sequence of {key} has a gap");
    log.iter().for_each(|entry| entry.verify().unwrap());
    let folded = log.iter().try_fold(replay::start(key), replay::apply).unwrap();
    assert_eq!(folded, head, "the head of {key} is not what its log leads to");
    log
}
