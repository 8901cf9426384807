//! The log: every commit as it was applied, in order.

use crate::act::{Draft, STRONG, apply, records, state};
use crate::{Opener, Snapshot, samples};
use governance_persistence::{
    Backplane, Commit, CommitId, Consistency, Expected, ExperimentKey, LogEntry, PageSize, Sequence,
};

/// Applies some commits of all sorts; gives the entries that have to be in the log.
async fn given(backplane: &dyn Backplane, key: &ExperimentKey) -> Vec<LogEntry> {
    let commits: Vec<Commit> = (1..=4)
        .flat_map(|n| [records(key, Expected::Any, samples::one_of_each(n)), state(key, Expected::Any, Draft)])
        .collect();
    let mut entries = Vec::new();
    for commit in &commits {
        let receipt = apply(backplane, commit).await;
        entries.push(LogEntry::of(commit, receipt.sequence, receipt.recorded_at));
    }
    entries
}

async fn read(backplane: &dyn Backplane, key: &ExperimentKey, after: u64, limit: usize) -> Vec<LogEntry> {
    let after = Sequence::new(after).expect("the sequence is allowed");
    let limit = PageSize::new(limit).expect("the size is allowed");
    backplane.log(key, after, limit, STRONG).await.expect("the log can be read")
}

/// From any sequence and at any limit, the log holds the entries behind it, at most the limit.
pub async fn the_log_starts_behind_any_sequence(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let entries = given(&backplane, &key).await;
    for after in 0..=entries.len() {
        for limit in [1, 2, 7, 8, 9, 1_000] {
            let wanted: Vec<_> = entries[after..].iter().take(limit).cloned().collect();
            assert_eq!(read(&backplane, &key, after as u64, limit).await, wanted, "{limit} after {after}");
        }
    }
    for beyond in [9, 1_000, 9_007_199_254_740_991] {
        assert_eq!(read(&backplane, &key, beyond, 10).await, [], "behind {beyond}");
    }
    assert_eq!(read(&backplane, &samples::key(), 0, 10).await, []);
}

/// Each entry is found by its commit id, within its experiment only; an unknown id finds none.
pub async fn an_entry_is_found_by_its_commit_id(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let entries = given(&backplane, &key).await;
    let staging = key.in_environment("staging").expect("it is valid");
    for entry in entries {
        let found = backplane.entry(&key, entry.commit_id, STRONG).await.expect("the entry can be read");
        assert_eq!(found.as_ref(), Some(&entry));
        for elsewhere in [&staging, &samples::key()] {
            let found = backplane.entry(elsewhere, entry.commit_id, STRONG).await;
            assert_eq!(found.expect("the entry can be asked for"), None);
        }
    }
    let unknown = backplane.entry(&key, CommitId::new(), STRONG).await;
    assert_eq!(unknown.expect("the entry can be asked for"), None);
}

/// Entries that went through JSON still verify: the log can be exported and checked elsewhere.
pub async fn an_exported_log_verifies(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    given(&backplane, &key).await;
    for entry in Snapshot::of(&backplane, &key).await.log {
        let json = serde_json::to_string(&entry).expect("an entry is JSON");
        let back: LogEntry = serde_json::from_str(&json).expect("an entry reads back");
        back.verify().expect("it is what was committed");
        assert_eq!(back, entry);
    }
}

/// Reads that may be a little old answer too, with a part of the history at most.
pub async fn eventual_reads_are_answered(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let entries = given(&backplane, &key).await;
    let log = backplane.log(&key, Sequence::ZERO, PageSize::MAX, Consistency::Eventual).await;
    let log = log.expect("the log can be read");
    assert_eq!(log, entries[..log.len()]);
    let head = backplane.head(&key, Consistency::Eventual).await.expect("the head can be read");
    assert!(head.sequence.get() as usize <= entries.len());
}
