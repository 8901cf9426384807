//! Many writers at once: one winner, nothing lost, nothing twice, no reader sees a part.

use crate::act::{Draft, STRONG, apply, head, record, records, state};
use crate::{Opener, Snapshot, answer, samples};
use futures_util::future::join_all;
use governance_persistence::{
    Backplane, Commit, Expected, ExperimentKey, HistoryQuery, LifecycleState, LookUp, PageSize, Receipt, RecordKind,
    Result, Sequence, StateChange,
};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Sends all commits at the same time, each from a task of its own, through two handles.
async fn at_once(opener: &dyn Opener, commits: Vec<Commit>) -> Vec<Result<Receipt>> {
    let handles = [opener.open().await, opener.open().await];
    let start = Arc::new(tokio::sync::Barrier::new(commits.len()));
    let sent = commits.into_iter().enumerate().map(|(n, commit)| {
        let (handle, start) = (handles[n % 2].clone(), start.clone());
        tokio::spawn(async move {
            start.wait().await;
            handle.commit(&commit).await
        })
    });
    join_all(sent.collect::<Vec<_>>()).await.into_iter().map(|answer| answer.expect("a writer is done")).collect()
}

/// Lets many write a state and a transition each under the same expectation: one wins, and only
/// what it wrote is there.
async fn one_winner(opener: &dyn Opener, key: &ExperimentKey, expected: Expected, writers: usize) {
    let backplane = opener.open().await;
    let before = Snapshot::of(&backplane, key).await;
    let commits: Vec<Commit> = (0..writers)
        .map(|n| {
            let change = StateChange::to(LifecycleState::Ramping).by(format!("writer {n}"));
            let commit = Commit::builder(key, expected).state(change).record(samples::transition());
            commit.build().expect("the commit is valid")
        })
        .collect();

    let answers = at_once(opener, commits.clone()).await;

    let (won, lost): (Vec<_>, Vec<_>) = commits.iter().zip(answers).partition(|(_, answer)| answer.is_ok());
    assert_eq!((won.len(), lost.len()), (1, writers - 1), "of {writers} under {expected:?} one wins");
    let after = Snapshot::of(&backplane, key).await;
    assert_eq!(after.head.etag(), won[0].0.etag());
    for (commit, answer) in lost {
        let conflict = answer::unmet(answer, expected);
        assert_eq!(conflict.head, after.head, "the loser is shown what the winner did");
        let trace = backplane.entry(key, commit.id(), STRONG).await.expect("the entry can be asked for");
        assert_eq!(trace, None, "a loser leaves no trace");
    }
    assert_eq!(after.head.sequence, before.head.sequence.next());
    assert_eq!(after.records.len(), before.records.len() + 1);
}

/// Of N commits with the same ETag exactly one succeeds, round after round.
pub async fn one_of_many_with_the_same_etag_wins(opener: &dyn Opener) {
    let key = samples::key();
    apply(&opener.open().await, &state(&key, Expected::Absent, Draft)).await;
    for writers in [2, 3, 8, 16, 64] {
        let etag = head(&opener.open().await, &key).await.etag().expect("a state was saved");
        one_winner(opener, &key, Expected::Match(etag), writers).await;
    }
}

/// Of N commits that expect no state exactly one succeeds, on a new experiment and on one that
/// has records only.
pub async fn one_of_many_that_create_wins(opener: &dyn Opener) {
    for writers in [2, 8, 32] {
        one_winner(opener, &samples::key(), Expected::Absent, writers).await;
        let recorded = samples::key();
        apply(&opener.open().await, &record(&recorded, Expected::Any, samples::transition())).await;
        one_winner(opener, &recorded, Expected::Absent, writers).await;
    }
}

/// Of N commits that expect the same sequence exactly one succeeds, at 0 and later.
pub async fn one_of_many_at_the_same_sequence_wins(opener: &dyn Opener) {
    let key = samples::key();
    for writers in [2, 8, 32] {
        let at = head(&opener.open().await, &key).await.sequence;
        one_winner(opener, &key, Expected::At(at), writers).await;
    }
}

/// Of N commits that bring the same version number exactly one succeeds.
pub async fn one_of_many_with_the_same_version_wins(opener: &dyn Opener) {
    let key = samples::key();
    let backplane = opener.open().await;
    for n in 1..=3 {
        let commits = (0..16).map(|_| record(&key, Expected::Any, samples::version(n))).collect();
        let answers = at_once(opener, commits).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "one brings version {n}");
        for lost in answers.into_iter().filter(Result::is_err) {
            answer::wrong_version(lost, samples::number(n), samples::number(n));
        }
    }
    assert_eq!(Snapshot::of(&backplane, &key).await.log.len(), 3);
}

/// Appends that expect nothing all succeed, and each is there exactly once.
pub async fn concurrent_appends_all_persist(opener: &dyn Opener) {
    let key = samples::key();
    let commits: Vec<_> = (0..64)
        .map(|n| match n % 4 {
            0 => state(&key, Expected::Any, Draft),
            1 => records(&key, Expected::Any, [samples::evaluation("p"), samples::evaluation("q")]),
            _ => record(&key, Expected::Any, samples::transition()),
        })
        .collect();

    let receipts: Vec<_> = at_once(opener, commits.clone()).await.into_iter().map(answer::applied).collect();

    let sequences: BTreeSet<_> = receipts.iter().map(|receipt| receipt.sequence.get()).collect();
    assert_eq!(sequences, (1..=64).collect(), "every commit has a sequence of its own");
    let snapshot = Snapshot::of(&opener.open().await, &key).await;
    for (commit, receipt) in commits.iter().zip(receipts) {
        let index = usize::try_from(receipt.sequence.get()).expect("it is small") - 1;
        let entry = &snapshot.log[index];
        assert_eq!((entry.commit_id, entry.fingerprint), (commit.id(), commit.fingerprint()));
        assert_eq!(entry.recorded_at, receipt.recorded_at);
    }
}

/// One commit sent many times at once is applied once: one receipt is new, all others are replays
/// of it.
pub async fn one_commit_sent_many_times_at_once_is_applied_once(opener: &dyn Opener) {
    let created = samples::key();
    let existing = samples::key();
    apply(&opener.open().await, &state(&existing, Expected::Absent, Draft)).await;
    let etag = head(&opener.open().await, &existing).await.etag().expect("a state was saved");
    for (key, expected) in [(&created, Expected::Absent), (&existing, Expected::Match(etag))] {
        let before = head(&opener.open().await, key).await.sequence;
        let change = StateChange::to(LifecycleState::Running);
        let commit = Commit::builder(key, expected).state(change).records(samples::one_of_each(1));
        let commit = commit.build().expect("the commit is valid");

        let answers = at_once(opener, vec![commit.clone(); 24]).await;

        let receipts: Vec<_> = answers.into_iter().map(|answer| answer.expect("it is applied or replayed")).collect();
        assert_eq!(receipts.iter().filter(|receipt| !receipt.replayed).count(), 1, "one receipt is new");
        assert!(receipts.iter().all(|receipt| receipt.sequence == before.next()));
        assert!(receipts.iter().all(|receipt| receipt.recorded_at == receipts[0].recorded_at));
        let snapshot = Snapshot::of(&opener.open().await, key).await;
        assert_eq!((snapshot.head.sequence, snapshot.records.len()), (before.next(), 5));
    }
}

/// One commit id sent with different contents at once: one content is applied, the others are
/// refused.
pub async fn one_commit_id_with_many_contents_is_applied_once(opener: &dyn Opener) {
    let key = samples::key();
    let id = governance_persistence::CommitId::new();
    let commit = |_| Commit::builder(&key, Expected::Any).id(id).record(samples::transition()).build();
    let commits = (0..16).map(|n| commit(n).expect("the commit is valid")).collect();

    let answers = at_once(opener, commits).await;

    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for error in answers.into_iter().filter_map(Result::err) {
        let reused = matches!(error, governance_persistence::Error::CommitIdReused { .. });
        assert!(reused, "the commit id was reused, but: {error}");
    }
    assert_eq!(Snapshot::of(&opener.open().await, &key).await.log.len(), 1);
}

/// Writers on different experiments do not get into each other's way.
pub async fn writers_on_different_experiments_all_succeed(opener: &dyn Opener) {
    let keys: Vec<_> = (0..16).map(|_| samples::key()).collect();
    for turn in 0..4 {
        let expected = Expected::At(Sequence::new(turn).expect("it is small"));
        let commits = keys.iter().map(|key| records(key, expected, samples::one_of_each(turn + 1)));
        for answer in at_once(opener, commits.collect()).await {
            assert_eq!(answer::applied(answer).sequence.get(), turn + 1);
        }
    }
    let backplane = opener.open().await;
    for key in &keys {
        assert_eq!(Snapshot::of(&backplane, key).await.log.len(), 4);
    }
}

/// While commits are applied, whoever reads finds whole commits only: the state's ETag has its
/// entry, the latest version has its record, the log goes as far as the head at least.
pub async fn no_reader_sees_a_part(opener: &dyn Opener) {
    let key = samples::key();
    let (writer, reader) = (opener.open().await, opener.open().await);
    let looks = Arc::new(AtomicUsize::new(0));
    let writing = tokio::spawn({
        let (key, looks) = (key.clone(), looks.clone());
        async move {
            // As long as it takes the reader to look often, within bounds.
            for n in (1..=900).take_while(|n| *n <= 20 || looks.load(Ordering::Relaxed) < 40) {
                let change = StateChange::to(LifecycleState::Running).running_version(samples::number(n));
                let commit = Commit::builder(&key, Expected::Any).state(change).records(samples::one_of_each(n));
                apply(&writer, &commit.build().expect("the commit is valid")).await;
            }
        }
    });
    while !writing.is_finished() {
        look(&reader, &key).await;
        looks.fetch_add(1, Ordering::Relaxed);
    }
    writing.await.expect("the writer is done");
    look(&reader, &key).await;
}

/// One look at an experiment that is being written to.
async fn look(reader: &dyn Backplane, key: &ExperimentKey) {
    let head = head(reader, key).await;
    let Some(state) = &head.state else {
        assert_eq!((head.sequence.get(), head.latest_version), (0, None), "no part of the first commit is seen");
        return;
    };
    let entry = reader.entry(key, state.etag.commit_id(), STRONG).await.expect("the entry can be read");
    let entry = entry.expect("the commit that set the state is in the log");
    entry.verify().expect("the entry is whole");
    assert_eq!(entry.sequence, head.sequence, "every commit set the state");
    assert_eq!(entry.experiment_state().as_ref(), Some(&**state));
    assert_eq!(state.configuration_version, head.latest_version, "state and version came in one commit");
    let latest = head.latest_version.expect("every commit brought a version");
    let version = reader.look_up(key, LookUp::Version(latest), STRONG).await.expect("a look-up answers");
    assert_eq!(version.len(), 1, "the latest version is there");
    for kind in RecordKind::ALL {
        let newest = HistoryQuery::new(kind).newest_first().page_size(1).expect("the size is allowed");
        let page = reader.history(key, &newest, STRONG).await.expect("the history can be read");
        assert!(page.items[0].place.sequence >= head.sequence, "every commit brought a record of kind {kind}");
    }
    let after = Sequence::new(head.sequence.get().saturating_sub(3)).expect("it is small");
    let log = reader.log(key, after, PageSize::default(), STRONG).await.expect("the log can be read");
    assert!(log.last().is_some_and(|last| last.sequence >= head.sequence), "what was read once stays");
    for (entry, sequence) in log.iter().zip(after.get() + 1..) {
        assert_eq!(entry.sequence.get(), sequence, "the log has no hole");
        entry.verify().expect("every entry is whole");
    }
}
