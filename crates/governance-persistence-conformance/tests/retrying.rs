//! What is sent again, until when, and what the answer means then.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use futures_util::poll;
use governance_persistence::{
    Backplane, BackplaneExt, Commit, CommitId, Consistency, EphemeralId, EphemeralKind, Error, Expected, ExperimentKey,
    InMemoryBackplane, LifecycleState, LogEntry, Outcome, Record, Replicated, Retrying, Sequence, StateChange,
    TimeToLive, Timestamp,
};
use governance_persistence_conformance::{Fate, Faults, Faulty, Odds, Snapshot, samples};
use std::time::Duration;

const REFUSED: Odds = Odds { refused: 100, ..Odds::NONE };

/// A place in memory, the faults on the way to it, and who sends again in spite of them.
struct Given {
    memory: InMemoryBackplane,
    faults: Faults,
    retrying: Retrying<Faulty<InMemoryBackplane>>,
    key: ExperimentKey,
}

fn given() -> Given {
    let (memory, faults) = (InMemoryBackplane::new(), Faults::seeded(0));
    let retrying = Retrying::new(Faulty::new(memory.clone(), &faults));
    Given { memory, faults, retrying, key: samples::key() }
}

fn state(key: &ExperimentKey, expected: Expected) -> Commit {
    Commit::builder(key, expected).state(StateChange::to(LifecycleState::Draft)).build().unwrap()
}

fn record(key: &ExperimentKey, record: impl Into<Record>) -> Commit {
    Commit::builder(key, Expected::Any).record(record).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_was_not_applied_is_sent_again() {
    let Given { memory, faults, retrying, key } = given();
    for fate in [Fate::Refused, Fate::RequestLost] {
        faults.script([fate; 5]);
        let commit = record(&key, samples::transition());
        assert!(!retrying.commit(&commit).await.unwrap().replayed);
    }
    assert_eq!(Snapshot::of(&memory, &key).await.log.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_is_made_up_for_by_the_replay() {
    let Given { memory, faults, retrying, key } = given();
    faults.script([Fate::ReplyLost; 3]);
    let receipt = retrying.commit(&state(&key, Expected::Absent)).await.unwrap();
    assert!(receipt.replayed, "an attempt before the one that was answered applied it");
    assert_eq!(Snapshot::of(&memory, &key).await.log.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_replay_wins_although_others_wrote_in_between() {
    let Given { memory, faults, retrying, key } = given();
    faults.script([Fate::ReplyLost]);
    let commit = state(&key, Expected::Absent);

    let (answer, ()) = tokio::join!(retrying.commit(&commit), async {
        assert_eq!(faults.tally().reply_lost, 1, "it is between its attempts");
        memory.commit(&state(&key, Expected::Any)).await.unwrap();
    });

    assert_eq!(answer.unwrap().sequence.get(), 1);
    assert_eq!(Snapshot::of(&memory, &key).await.log.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn refused_until_the_deadline_is_not_applied() {
    let Given { memory, faults, retrying, key } = given();
    faults.set_odds(REFUSED);
    let error = retrying.commit(&state(&key, Expected::Absent)).await.unwrap_err();
    assert_eq!((error.outcome(), error.is_retryable()), (Outcome::NotApplied, true));
    assert!(faults.tally().calls() > 5, "{faults:?}");
    assert!(!Snapshot::of(&memory, &key).await.head.exists());
}

#[tokio::test(start_paused = true)]
async fn unknown_stays_unknown_until_the_same_commit_is_sent_again() {
    for (fate, applied) in [(Fate::ReplyLost, true), (Fate::RequestLost, false)] {
        let Given { faults, retrying, key, .. } = given();
        faults.script([Fate::Refused, fate]);
        faults.set_odds(REFUSED);
        let commit = state(&key, Expected::Absent);

        let error = retrying.commit(&commit).await.unwrap_err();
        assert_eq!((error.outcome(), error.is_retryable()), (Outcome::Unknown, true));

        faults.set_odds(Odds::NONE);
        assert_eq!(retrying.commit(&commit).await.unwrap().replayed, applied);
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_deadline_there_is_one_attempt() {
    let Given { faults, retrying, .. } = given();
    faults.set_odds(REFUSED);
    retrying.deadline(Duration::ZERO).ping().await.unwrap_err();
    assert_eq!(faults.tally().calls(), 1);
}

/// A commit that lost, for each way to lose, on an experiment with some history.
async fn losers(memory: &InMemoryBackplane, key: &ExperimentKey) -> Vec<Commit> {
    let (first, used) = (state(key, Expected::Absent), samples::transition());
    memory.commit(&first).await.unwrap();
    memory.commit(&state(key, Expected::Any)).await.unwrap();
    memory.commit(&record(key, samples::version(1))).await.unwrap();
    memory.commit(&record(key, used.clone())).await.unwrap();
    let under_used_id = Commit::builder(key, Expected::Any).id(first.id()).record(samples::transition());
    vec![
        state(key, Expected::Absent),
        state(key, Expected::Match(first.etag().unwrap())),
        state(key, Expected::At(Sequence::ZERO)),
        record(key, samples::version(1)),
        record(key, used),
        under_used_id.build().unwrap(),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_the_commit_is_final_at_once() {
    let Given { memory, faults, retrying, key } = given();
    for commit in losers(&memory, &key).await {
        let before = faults.tally().calls();
        let error = retrying.commit(&commit).await.unwrap_err();
        assert_eq!((error.outcome(), error.is_retryable()), (Outcome::NotApplied, false), "{error}");
        assert_eq!(faults.tally().calls(), before + 1, "{error}");
    }
}

/// Also after an attempt that may still be on its way: should it arrive later, it is refused too.
#[tokio::test(start_paused = true)]
async fn a_refusal_of_the_commit_settles_what_was_unknown() {
    let Given { memory, faults, retrying, key } = given();
    let losers = losers(&memory, &key).await;
    let before = Snapshot::of(&memory, &key).await;
    for commit in losers {
        faults.script([Fate::RequestLost, Fate::Refused]);
        let error = retrying.commit(&commit).await.unwrap_err();
        assert_eq!((error.outcome(), error.is_retryable()), (Outcome::NotApplied, false), "{error}");

        let straggler = memory.commit(&commit).await.unwrap_err();
        assert_eq!(straggler.to_string(), error.to_string());
        assert_eq!(Snapshot::of(&memory, &key).await, before);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_sends_nothing_any_more() {
    let Given { faults, retrying, key, .. } = given();
    faults.set_odds(REFUSED);
    let commit = state(&key, Expected::Absent);
    let mut call = Box::pin(retrying.commit(&commit));
    assert!(poll!(&mut call).is_pending());
    drop(call);

    tokio::time::sleep(Duration::from_secs(3_600)).await;
    assert_eq!(faults.tally().calls(), 1);
    faults.set_odds(Odds::NONE);
    assert!(!retrying.commit(&commit).await.unwrap().replayed);
}

#[tokio::test(start_paused = true)]
async fn closing_waits_for_what_is_being_sent_again() {
    let Given { memory, faults, retrying, key } = given();
    faults.script([Fate::RequestLost, Fate::Refused]);
    let commit = state(&key, Expected::Absent);
    let (answer, closed) = tokio::join!(retrying.commit(&commit), retrying.close());
    closed.unwrap();
    assert!(!answer.unwrap().replayed);
    assert_eq!(Snapshot::of(&memory, &key).await.head.etag(), commit.etag());
}

#[tokio::test(start_paused = true)]
async fn closing_does_not_wait_for_ever_for_a_call_that_nobody_polls() {
    let Given { faults, retrying, key, .. } = given();
    faults.script([Fate::Refused]);
    let commit = state(&key, Expected::Absent);
    let mut call = Box::pin(retrying.commit(&commit));
    assert!(poll!(&mut call).is_pending());

    retrying.close().await.unwrap();

    assert_eq!(call.await.unwrap_err().outcome(), Outcome::NotApplied);
}

#[tokio::test(start_paused = true)]
async fn once_closed_nothing_is_sent() {
    let Given { faults, retrying, key, .. } = given();
    retrying.close().await.unwrap();
    let before = faults.tally();
    faults.set_odds(Odds { request_lost: 100, ..Odds::NONE });
    let error = retrying.commit(&state(&key, Expected::Absent)).await.unwrap_err();
    assert_eq!((error.outcome(), error.is_retryable()), (Outcome::NotApplied, true));
    assert_eq!(faults.tally(), before);
}

#[tokio::test(start_paused = true)]
async fn an_inner_backplane_closed_by_another_is_given_up_at_the_deadline() {
    let Given { retrying, key, .. } = given();
    retrying.inner().inner().close().await.unwrap();
    let error = retrying.get_experiment_state(&key).await.unwrap_err();
    assert_eq!((error.outcome(), error.is_retryable()), (Outcome::NotApplied, true));
}

#[tokio::test(start_paused = true)]
async fn reads_are_sent_again() {
    let Given { memory, faults, retrying, key } = given();
    memory
        .commit(&Commit::builder(&key, Expected::Any).records(samples::one_of_each(1)).build().unwrap())
        .await
        .unwrap();
    let there = Snapshot::of(&memory, &key).await;
    for fate in Fate::FAULTS {
        faults.script([fate; 2]);
        assert_eq!(retrying.head(&key, Consistency::Strong).await.unwrap(), there.head);
        faults.script((0..40).map(|n| if n % 2 == 0 { fate } else { Fate::Answered }));
        assert_eq!(Snapshot::of(&retrying, &key).await, there);
    }
}

#[tokio::test(start_paused = true)]
async fn an_entry_whose_reply_was_lost_is_there_already() {
    let Given { memory, faults, retrying, key } = given();
    let commit = state(&key, Expected::Absent);
    let entry = LogEntry::of(&commit, Sequence::ZERO.next(), Timestamp::UNIX_EPOCH);
    faults.script([Fate::ReplyLost]);
    assert_eq!(retrying.replicate(&entry).await.unwrap(), Replicated::AlreadyApplied);
    assert_eq!(Snapshot::of(&memory, &key).await.log, [entry]);
}

#[tokio::test(start_paused = true)]
async fn ephemerals_are_put_and_removed_at_least_once() {
    let Given { memory, faults, retrying, key } = given();
    let (kind, id) = (EphemeralKind::new("k").unwrap(), EphemeralId::new("a").unwrap());
    let hour = TimeToLive::new(Duration::from_secs(3_600)).unwrap();
    for fate in Fate::FAULTS {
        faults.script([fate]);
        retrying.ephemeral().put(&key, &kind, &id, &samples::configuration(), hour).await.unwrap();
        faults.script([fate]);
        assert!(retrying.ephemeral().get(&key, &kind, &id).await.unwrap().is_some());

        faults.script([fate]);
        let removed = retrying.ephemeral().remove(&key, &kind, &id).await.unwrap();
        assert_eq!(removed, fate != Fate::ReplyLost, "after a lost reply, nothing is left to remove");
        assert_eq!(memory.ephemeral().list(&key, &kind).await.unwrap(), []);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_never_sent_stays_free() {
    let Given { faults, retrying, key, .. } = given();
    faults.set_odds(Odds { request_lost: 100, ..Odds::NONE });
    let commit = state(&key, Expected::Absent);
    let error = retrying.commit(&commit).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { outcome: Outcome::Unknown, .. }));

    faults.set_odds(Odds::NONE);
    let other = Commit::builder(&key, Expected::Absent).id(CommitId::new()).record(samples::transition());
    assert_eq!(retrying.commit(&other.build().unwrap()).await.unwrap().sequence.get(), 1);
}
