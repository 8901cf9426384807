//! Faults happen as they were ordered.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use governance_persistence::{
    Backplane, BackplaneExt, Commit, Error, Expected, InMemoryBackplane, LifecycleState, Outcome, StateChange,
};
use governance_persistence_conformance::{Fate, Faults, Faulty, Odds, samples};

fn commit() -> Commit {
    Commit::builder(&samples::key(), Expected::Absent).state(StateChange::to(LifecycleState::Draft)).build().unwrap()
}

/// What became of so many pings.
async fn pings(faults: &Faults, count: usize) -> Vec<Option<Outcome>> {
    let faulty = Faulty::new(InMemoryBackplane::new(), faults);
    let mut answers = Vec::new();
    for _ in 0..count {
        answers.push(faulty.ping().await.err().map(|error| error.outcome()));
    }
    answers
}

#[tokio::test]
async fn each_fate_happens_or_not_and_says_so_or_not() {
    for (fate, happened, told) in [
        (Fate::Answered, true, None),
        (Fate::Refused, false, Some(Outcome::NotApplied)),
        (Fate::RequestLost, false, Some(Outcome::Unknown)),
        (Fate::ReplyLost, true, Some(Outcome::Unknown)),
    ] {
        let (memory, faults, commit) = (InMemoryBackplane::new(), Faults::seeded(1), commit());
        faults.script([fate]);

        let answer = Faulty::new(memory.clone(), &faults).commit(&commit).await;

        assert_eq!(answer.as_ref().err().map(Error::outcome), told, "{fate:?}");
        assert!(answer.as_ref().err().is_none_or(Error::is_retryable), "{fate:?}");
        assert_eq!(memory.get_experiment_state(commit.key()).await.unwrap().is_some(), happened, "{fate:?}");
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_faults() {
    let drawn = |seed| async move {
        let faults = Faults::seeded(seed);
        faults.set_odds(Odds::each(20));
        pings(&faults, 200).await
    };
    assert_eq!(drawn(7).await, drawn(7).await);
    assert_ne!(drawn(7).await, drawn(8).await);
}

#[tokio::test]
async fn the_odds_can_be_changed_at_any_time_and_are_kept() {
    let faults = Faults::seeded(3);
    pings(&faults, 100).await;
    assert_eq!(faults.tally().faults(), 0, "at first there are none");

    faults.set_odds(Odds { refused: 100, ..Odds::NONE });
    pings(&faults, 100).await;
    assert_eq!((faults.tally().calls(), faults.tally().refused), (200, 100));

    faults.set_odds(Odds { refused: 10, request_lost: 20, reply_lost: 30 });
    pings(&faults, 10_000).await;
    let tally = faults.tally();
    for (count, wanted) in [(tally.refused - 100, 1_000), (tally.request_lost, 2_000), (tally.reply_lost, 3_000)] {
        assert!(count.abs_diff(wanted) < 300, "{wanted} were wanted: {faults:?}");
    }
}

#[tokio::test]
async fn a_script_comes_before_chance_and_then_ends() {
    let faults = Faults::seeded(4);
    faults.set_odds(Odds { refused: 100, ..Odds::NONE });
    faults.script_after(2, Fate::ReplyLost);
    let refused = Some(Outcome::NotApplied);
    assert_eq!(pings(&faults, 5).await, [None, None, Some(Outcome::Unknown), refused, refused]);
}

#[test]
fn the_seed_is_shown() {
    let faults = Faults::seeded(4_711);
    assert_eq!(faults.seed(), 4_711);
    assert!(format!("{faults:?}").contains("seed: 4711"));
}
