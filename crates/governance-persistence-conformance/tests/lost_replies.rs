//! Whatever is safe to retry, is: each step of each operation fails once, and the caller does what
//! the documentation says.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use governance_persistence::{
    Backplane, BackplaneExt, Commit, CommitId, ConfigurationDraft, Consistency, Error, Expected, ExperimentKey,
    InMemoryBackplane, LifecycleState, LogEntry, Record, RecordId, RecordKind, Replicated, Result, Retrying,
    StateChange, Timestamp, VersionNumber,
};
use governance_persistence_conformance::{Fate, Faults, Faulty, Snapshot, samples};

fn draft() -> ConfigurationDraft {
    ConfigurationDraft::new(samples::configuration(), "carol")
}

/// The numbers of all versions, in the order of history.
fn numbers(snapshot: &Snapshot) -> Vec<u64> {
    let records = snapshot.records.iter().map(|recorded| &recorded.record);
    records.filter_map(|record| if let Record::Version(one) = record { Some(one.number.get()) } else { None }).collect()
}

/// Lets the operation meet each fault at each of its steps, on an experiment of its own each time;
/// makes the call again after an error that may pass. It must then succeed, and what is to hold
/// must hold. Once by hand, with somebody else in between; once by `Retrying`.
async fn each_step_fails_once(
    operation: impl AsyncFn(&dyn Backplane, &ExperimentKey) -> Result<()>,
    in_between: impl AsyncFn(&dyn Backplane, &ExperimentKey),
    holds: impl Fn(&Snapshot),
) {
    for fate in Fate::FAULTS {
        for step in 0.. {
            let (memory, faults, key) = (InMemoryBackplane::new(), Faults::seeded(0), samples::key());
            let faulty = Faulty::new(memory.clone(), &faults);
            faults.script_after(step, fate);
            if let Err(error) = operation(&faulty, &key).await {
                assert!(error.is_retryable(), "{fate:?} at step {step}: {error}");
                in_between(&memory, &key).await;
                operation(&faulty, &key).await.unwrap();
            }
            holds(&Snapshot::of(&memory, &key).await);
            if faults.tally().faults() == 0 {
                assert!(step > 0, "the operation has steps");
                break;
            }

            let key = samples::key();
            faults.script_after(step, fate);
            operation(&Retrying::new(faulty), &key).await.unwrap();
            assert_eq!(faults.tally().faults(), 2);
            holds(&Snapshot::of(&memory, &key).await);
        }
    }
}

/// One commit, whatever fails.
fn once(snapshot: &Snapshot) {
    assert_eq!(snapshot.log.len(), 1);
}

async fn nobody(_: &dyn Backplane, _: &ExperimentKey) {}

#[tokio::test(start_paused = true)]
async fn the_next_version_is_numbered_once() {
    // The caller keeps id and draft; the experiment is another one in each round.
    let (id, draft) = (CommitId::new(), draft());
    each_step_fails_once(
        async |backplane: &dyn Backplane, key: &ExperimentKey| {
            let (number, receipt) = backplane.append_next_configuration_version(key, id, draft.clone()).await?;
            assert_eq!((receipt.commit_id, number.get()), (id, receipt.sequence.get()));
            Ok(())
        },
        nobody,
        |snapshot| assert_eq!((numbers(snapshot), snapshot.log.len()), (vec![1], 1)),
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_next_version_is_numbered_once_while_others_take_numbers() {
    let (id, draft_of_ours) = (CommitId::new(), draft());
    each_step_fails_once(
        async |backplane: &dyn Backplane, key: &ExperimentKey| {
            backplane.append_next_configuration_version(key, id, draft_of_ours.clone()).await.map(|_| ())
        },
        async |backplane: &dyn Backplane, key: &ExperimentKey| {
            for _ in 0..2 {
                backplane.append_next_configuration_version(key, CommitId::new(), draft()).await.unwrap();
            }
        },
        |snapshot| {
            let ours = snapshot.log.iter().filter(|entry| entry.commit_id == id).count();
            assert_eq!(ours, 1, "our version is there once");
            assert_eq!(numbers(snapshot), (1..=snapshot.head.sequence.get()).collect::<Vec<_>>(), "without a hole");
        },
    )
    .await;
}

/// The first call fails at any step, the second one too: the third one ends it.
#[tokio::test]
async fn the_next_version_is_numbered_once_when_the_retry_fails_as_well() {
    for (first, second) in Fate::FAULTS.into_iter().flat_map(|first| Fate::FAULTS.map(|second| (first, second))) {
        for (step, later) in (0..3).flat_map(|step| (0..3).map(move |later| (step, later))) {
            let (memory, faults, key) = (InMemoryBackplane::new(), Faults::seeded(0), samples::key());
            let (faulty, id, draft) = (Faulty::new(memory.clone(), &faults), CommitId::new(), draft());
            let append = || faulty.append_next_configuration_version(&key, id, draft.clone());

            faults.script_after(step, first);
            append().await.unwrap_err();
            faults.script_after(later, second);
            // After a lost reply the entry is found, and there is a step less.
            let answer = append().await;
            assert!(answer.is_err() || first == Fate::ReplyLost && step == 2 && later == 2, "{answer:?}");
            faults.script([]);
            let (number, receipt) = append().await.unwrap();

            assert_eq!((number, receipt.sequence.get()), (VersionNumber::FIRST, 1));
            assert_eq!(numbers(&Snapshot::of(&memory, &key).await), [1]);
        }
    }
}

/// What the first attempt of numbering a version sends, when it is the first version.
fn first_attempt(key: &ExperimentKey, id: CommitId, draft: ConfigurationDraft) -> Commit {
    let version = draft.with_id(RecordId::of_commit(RecordKind::Version, id)).numbered(VersionNumber::FIRST);
    Commit::builder(key, Expected::Any).id(id).record(version).build().unwrap()
}

/// The attempt that seemed lost arrives when the retry has looked for it and not found it, but has
/// not asked for the next number yet.
#[tokio::test(start_paused = true)]
async fn a_straggler_that_arrives_while_the_retry_runs_is_found() {
    let (memory, faults, key) = (InMemoryBackplane::new(), Faults::seeded(0), samples::key());
    let (retrying, id, draft) = (Retrying::new(Faulty::new(memory.clone(), &faults)), CommitId::new(), draft());
    let straggler = first_attempt(&key, id, draft.clone());

    faults.script_after(1, Fate::Refused);
    let (answer, ()) = tokio::join!(retrying.append_next_configuration_version(&key, id, draft), async {
        assert_eq!((faults.tally().answered, faults.tally().refused), (1, 1), "it looked, and is to number");
        memory.commit(&straggler).await.unwrap();
    });

    let (number, receipt) = answer.unwrap();
    assert_eq!((number, receipt.replayed), (VersionNumber::FIRST, true));
    assert_eq!(numbers(&Snapshot::of(&memory, &key).await), [1]);
}

/// The attempt that seemed lost arrives when others have taken its number and the retry has got
/// another one.
#[tokio::test]
async fn a_straggler_that_arrives_after_the_retry_is_refused() {
    let (memory, faults, key) = (InMemoryBackplane::new(), Faults::seeded(0), samples::key());
    let (faulty, id, draft_of_ours) = (Faulty::new(memory.clone(), &faults), CommitId::new(), draft());
    faults.script_after(2, Fate::RequestLost);
    let lost = faulty.append_next_configuration_version(&key, id, draft_of_ours.clone()).await.unwrap_err();
    assert!(matches!(lost, Error::Unavailable { .. }));
    memory.append_next_configuration_version(&key, CommitId::new(), draft()).await.unwrap();

    let (number, _) = faulty.append_next_configuration_version(&key, id, draft_of_ours.clone()).await.unwrap();
    assert_eq!(number.get(), 2);

    memory.commit(&first_attempt(&key, id, draft_of_ours)).await.unwrap_err();
    assert_eq!(numbers(&Snapshot::of(&memory, &key).await), [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn each_record_is_appended_once() {
    let transition = samples::transition();
    let operation = async |on: &dyn Backplane, key: &ExperimentKey| {
        on.append_state_transition(key, transition.clone()).await.map(|_| ())
    };
    each_step_fails_once(operation, nobody, once).await;

    let approval = samples::request();
    let operation = async |on: &dyn Backplane, key: &ExperimentKey| {
        on.append_approval_record(key, approval.clone()).await.map(|_| ())
    };
    each_step_fails_once(operation, nobody, once).await;

    let version = samples::version(1);
    let operation = async |on: &dyn Backplane, key: &ExperimentKey| {
        on.append_configuration_version(key, version.clone()).await.map(|_| ())
    };
    each_step_fails_once(operation, nobody, once).await;

    let evaluation = samples::evaluation("p");
    let operation = async |on: &dyn Backplane, key: &ExperimentKey| {
        on.append_policy_evaluation(key, evaluation.clone()).await.map(|_| ())
    };
    each_step_fails_once(operation, nobody, once).await;

    let definition = samples::definition("p");
    let operation = async |on: &dyn Backplane, key: &ExperimentKey| {
        on.append_policy_definition(key, definition.clone()).await.map(|_| ())
    };
    each_step_fails_once(operation, nobody, once).await;
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_is_kept_is_applied_once() {
    let (id, change, records) = (CommitId::new(), StateChange::to(LifecycleState::Draft), samples::one_of_each(1));
    each_step_fails_once(
        async |backplane: &dyn Backplane, key: &ExperimentKey| {
            let commit = Commit::builder(key, Expected::Absent).id(id).state(change.clone()).records(records.clone());
            backplane.commit(&commit.build()?).await.map(|_| ())
        },
        nobody,
        once,
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_history_is_replicated_once() {
    let commits = [1, 2, 3].map(|n| (CommitId::new(), samples::version(n)));
    each_step_fails_once(
        async |backplane: &dyn Backplane, key: &ExperimentKey| {
            // Who replicates goes on behind the head that is there.
            let mut sequence = backplane.head(key, Consistency::Strong).await?.sequence;
            let there = usize::try_from(sequence.get()).unwrap();
            for (id, version) in &commits[there..] {
                let commit = Commit::builder(key, Expected::Any).id(*id).record(version.clone()).build()?;
                sequence = sequence.next();
                let replicated = backplane.replicate(&LogEntry::of(&commit, sequence, Timestamp::MAX)).await?;
                assert!(matches!(replicated, Replicated::Applied | Replicated::AlreadyApplied), "{replicated:?}");
            }
            Ok(())
        },
        nobody,
        |snapshot| assert_eq!(numbers(snapshot), [1, 2, 3]),
    )
    .await;
}
