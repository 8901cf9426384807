//! A log applied elsewhere becomes the same history here.

use crate::act::{Draft, Running, STRONG, apply, head, record, records, state};
use crate::{Opener, Snapshot, answer, samples};
use governance_persistence::{
    Backplane, Commit, CommitId, Error, Expected, ExperimentKey, InMemoryBackplane, LogEntry, PageSize, Record,
    Replicated, Sequence, StateChange, Timestamp,
};

/// The log of an experiment that was governed in memory.
async fn source(key: &ExperimentKey) -> (InMemoryBackplane, Vec<LogEntry>) {
    let source = InMemoryBackplane::new();
    let full = Commit::builder(key, Expected::Absent).state(samples::full_state(Timestamp::MAX));
    let full = full.records(samples::full_records(4, Timestamp::MIN)).build().expect("the commit is valid");
    apply(&source, &full).await;
    for n in 6..9 {
        apply(&source, &records(key, Expected::Any, samples::one_of_each(n))).await;
        apply(&source, &state(key, Expected::Any, Running)).await;
    }
    let log = source.log(key, Sequence::ZERO, PageSize::MAX, STRONG).await.expect("the log can be read");
    (source, log)
}

async fn replicate(backplane: &dyn Backplane, entry: &LogEntry) -> Replicated {
    backplane.replicate(entry).await.unwrap_or_else(|error| panic!("entry {}: {error}", entry.sequence))
}

/// Entry by entry the history becomes the source's, recorded-at and all, and reads the same
/// through every way of reading.
pub async fn a_replicated_history_equals_its_source(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let (source, log) = source(&key).await;
    for entry in &log {
        assert_eq!(replicate(&backplane, entry).await, Replicated::Applied);
        assert_eq!(head(&backplane, &key).await.sequence, entry.sequence);
    }
    let replica = Snapshot::of(&backplane, &key).await;
    assert_eq!(replica, Snapshot::of(&source, &key).await);
    assert_eq!(super::experiments::of_tenant_of(&backplane, &key).await, [replica.head]);
}

/// An entry that is there already is applied once, through whichever handle it comes.
pub async fn an_entry_is_applied_once(opener: &dyn Opener) {
    let (backplane, other, key) = (opener.open().await, opener.open().await, samples::key());
    let (_, log) = source(&key).await;
    for entry in &log {
        assert_eq!(replicate(&backplane, entry).await, Replicated::Applied);
        assert_eq!(replicate(&other, entry).await, Replicated::AlreadyApplied);
    }
    let before = Snapshot::of(&backplane, &key).await;
    for entry in &log {
        assert_eq!(replicate(&backplane, entry).await, Replicated::AlreadyApplied);
    }
    assert_eq!(Snapshot::of(&backplane, &key).await, before, "an entry that is there changes nothing");
}

/// An entry that does not follow tells what the head is, and nothing is applied.
pub async fn a_gap_names_the_head(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let (_, log) = source(&key).await;
    assert_eq!(replicate(&backplane, &log[1]).await, Replicated::Gap { head: Sequence::ZERO });
    assert!(!head(&backplane, &key).await.exists());
    assert_eq!(super::experiments::of_tenant_of(&backplane, &key).await, []);

    for entry in &log[..2] {
        replicate(&backplane, entry).await;
    }
    let before = Snapshot::of(&backplane, &key).await;
    for entry in &log[3..] {
        assert_eq!(replicate(&backplane, entry).await, Replicated::Gap { head: log[1].sequence });
    }
    assert_eq!(Snapshot::of(&backplane, &key).await, before, "a gap applies nothing");
}

/// Another commit at a sequence that is taken, or the same commit id with other content, is
/// another history: the sequence is named, and nothing is applied.
pub async fn another_history_diverges(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let (_, log) = source(&key).await;
    for entry in &log {
        replicate(&backplane, entry).await;
    }
    let before = Snapshot::of(&backplane, &key).await;
    for entry in &log {
        let change = StateChange::to(Draft).by("mallory");
        let same_id = Commit::builder(&key, Expected::Any).id(entry.commit_id).state(change);
        let same_id = same_id.build().expect("the commit is valid");
        for other in [state(&key, Expected::Any, Draft), same_id] {
            let other = LogEntry::of(&other, entry.sequence, entry.recorded_at);
            let wanted = Replicated::Diverged { sequence: entry.sequence };
            assert_eq!(replicate(&backplane, &other).await, wanted);
        }
    }
    assert_eq!(Snapshot::of(&backplane, &key).await, before, "a divergence applies nothing");
}

/// The next entry diverges when it cannot continue this history: its commit id or one of its
/// records is there already, its version does not follow, or it was recorded before the last one.
pub async fn what_cannot_follow_diverges(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let (_, log) = source(&key).await;
    for entry in &log {
        replicate(&backplane, entry).await;
    }
    let before = Snapshot::of(&backplane, &key).await;
    let last = log.last().expect("the log is not empty");
    let (next, used) = (last.sequence.next(), log[1].records[0].clone());
    let earlier = Timestamp::from_unix_micros(last.recorded_at.unix_micros() - 1).expect("it is in range");
    let again = Commit::builder(&key, Expected::Any).id(log[0].commit_id).record(samples::transition());
    for (commit, recorded_at) in [
        (again.build().expect("the commit is valid"), last.recorded_at),
        (record(&key, Expected::Any, used), last.recorded_at),
        (record(&key, Expected::Any, samples::version(3)), last.recorded_at),
        (record(&key, Expected::Any, samples::version(10)), last.recorded_at),
        (state(&key, Expected::Any, Draft), earlier),
    ] {
        let entry = LogEntry::of(&commit, next, recorded_at);
        assert_eq!(replicate(&backplane, &entry).await, Replicated::Diverged { sequence: next });
    }
    assert_eq!(Snapshot::of(&backplane, &key).await, before, "a divergence applies nothing");
}

/// An entry that was changed on the way is corrupt, and nothing is applied.
pub async fn a_changed_entry_is_corrupt(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let (_, log) = source(&key).await;
    replicate(&backplane, &log[0]).await;
    let before = Snapshot::of(&backplane, &key).await;
    let tampered: [fn(&mut LogEntry); 6] = [
        |entry| entry.commit_id = CommitId::new(),
        |entry| entry.key = entry.key.in_environment("staging").expect("it is valid"),
        |entry| _ = entry.records.pop(),
        |entry| entry.records.swap(0, 1),
        |entry| entry.state = Some(StateChange::to(Draft)),
        |entry| {
            let Some(Record::Transition(transition)) = entry.records.get_mut(2) else { panic!("it is a transition") };
            transition.actor.push('x');
        },
    ];
    for tamper in tampered {
        let mut entry = log[1].clone();
        tamper(&mut entry);
        let error = answer::error(backplane.replicate(&entry).await);
        let Error::Corrupt { key, sequence, .. } = error else { panic!("the entry is corrupt, but: {error}") };
        assert_eq!((key, sequence), (entry.key, entry.sequence));
    }
    let mut zeroth = log[0].clone();
    zeroth.sequence = Sequence::ZERO;
    let error = answer::error(backplane.replicate(&zeroth).await);
    assert!(matches!(error, Error::Corrupt { .. }), "no entry has sequence 0, but: {error}");
    assert_eq!(Snapshot::of(&backplane, &key).await, before, "a corrupt entry applies nothing");
    assert_eq!(replicate(&backplane, &log[1]).await, Replicated::Applied);
}

/// Commits go on where the replicated history ends, and what was committed at the source is a
/// replay here.
pub async fn commits_go_on_after_replication(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let (_, log) = source(&key).await;
    for entry in &log {
        replicate(&backplane, entry).await;
    }
    for entry in &log {
        let mut again = Commit::builder(&key, Expected::Absent).id(entry.commit_id).records(entry.records.clone());
        if let Some(state) = entry.state.clone() {
            again = again.state(state);
        }
        let receipt = answer::replayed(backplane.commit(&again.build().expect("the commit is valid")).await);
        assert_eq!((receipt.sequence, receipt.recorded_at), (entry.sequence, entry.recorded_at));
    }
    let last = log.last().expect("the log is not empty");
    let next = Commit::builder(&key, Expected::Match(last.commit_id.into()));
    let next = next.state(StateChange::to(Draft)).record(samples::version(9)).build().expect("the commit is valid");
    let receipt = apply(&backplane, &next).await;
    assert_eq!(receipt.sequence, last.sequence.next());
    assert!(receipt.recorded_at >= last.recorded_at);
    Snapshot::of(&backplane, &key).await;
}

/// A commit that follows an entry from a clock that runs ahead is not recorded before it.
pub async fn a_clock_that_runs_ahead_is_followed(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let ahead: Timestamp = "2999-12-31T23:59:59.123456Z".parse().expect("it is an instant");
    let entry = LogEntry::of(&state(&key, Expected::Any, Draft), Sequence::ZERO.next(), ahead);
    assert_eq!(replicate(&backplane, &entry).await, Replicated::Applied);

    for _ in 0..3 {
        let receipt = apply(&backplane, &record(&key, Expected::Any, samples::transition())).await;
        assert!(receipt.recorded_at >= ahead, "{} comes before {ahead}", receipt.recorded_at);
    }
    Snapshot::of(&backplane, &key).await;
}

/// The same entries sent by several at once are applied once each, in order.
pub async fn replicators_may_race(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let (source, log) = source(&key).await;
    let mut replicators = Vec::new();
    for _ in 0..4 {
        let (handle, log) = (opener.open().await, log.clone());
        replicators.push(tokio::spawn(async move {
            for entry in &log {
                let answer = replicate(&handle, entry).await;
                let fine = matches!(answer, Replicated::Applied | Replicated::AlreadyApplied);
                assert!(fine, "entry {}: {answer:?}", entry.sequence);
            }
        }));
    }
    for replicator in replicators {
        replicator.await.expect("the replicator is done");
    }
    assert_eq!(Snapshot::of(&backplane, &key).await, Snapshot::of(&source, &key).await);
}
