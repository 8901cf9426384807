//! What the suite cannot do from outside: a writer that was cut off in the middle of a line, a full
//! disk, and lines that were changed behind the back of the program.

use super::place::Place;
use governance_persistence::{
    Backplane, BackplaneExt, Commit, Consistency, Error, Expected, ExperimentKey, LifecycleState, Outcome,
    StateTransition,
};
use governance_persistence_conformance::Snapshot;
use std::fs;
use std::process::Command;

fn key() -> ExperimentKey {
    ExperimentKey::new("checkout").unwrap()
}

fn transition(actor: &str) -> StateTransition {
    StateTransition::new(LifecycleState::Draft, LifecycleState::Archived, actor)
}

fn append() -> Commit {
    Commit::builder(&key(), Expected::Any).record(transition("alice")).build().unwrap()
}

/// Given a line that was cut after any number of bytes, when the file is opened, then the lines
/// before it are there, and the same commit sent again is applied in its place.
#[tokio::test]
async fn given_a_torn_line_when_the_commit_is_sent_again_then_it_is_applied_once() {
    let (place, lost) = (Place::new(), append());
    let backplane = place.json_lines().await;
    backplane.commit(&append()).await.unwrap();
    let kept = fs::read(place.path()).unwrap();
    backplane.commit(&lost).await.unwrap();
    let whole = fs::read(place.path()).unwrap();
    backplane.close().await.unwrap();

    for cut in kept.len()..=whole.len() {
        fs::write(place.path(), &whole[..cut]).unwrap();
        let backplane = place.json_lines().await;
        let head = backplane.head(&key(), Consistency::Strong).await.unwrap();
        assert_eq!(head.sequence.get(), if cut == whole.len() { 2 } else { 1 }, "cut after {cut} bytes");

        let receipt = backplane.commit(&lost).await.unwrap();
        assert_eq!((receipt.sequence.get(), receipt.replayed), (2, cut == whole.len()), "cut after {cut} bytes");
        assert_eq!(Snapshot::of(&place.json_lines().await, &key()).await.log.len(), 2);
    }
}

/// Given an actor who was exchanged in the file, when it is opened, then the entry is corrupt.
#[tokio::test]
async fn given_a_line_that_was_changed_then_it_is_found() {
    let place = Place::new();
    place.json_lines().await.append_state_transition(&key(), transition("alice")).await.unwrap();
    let forged = fs::read_to_string(place.path()).unwrap().replace("alice", "mallory");
    fs::write(place.path(), forged).unwrap();

    let error = super::JsonLines::open(place.path()).await.unwrap_err();
    let Error::Corrupt { key: found, sequence, .. } = error else { panic!("the entry is corrupt, but: {error}") };
    assert_eq!((found, sequence.get()), (key(), 1));
}

/// Given a line that is missing, when the file is opened, then what followed it is corrupt.
#[tokio::test]
async fn given_a_line_that_is_missing_then_it_is_found() {
    let place = Place::new();
    let backplane = place.json_lines().await;
    backplane.commit(&append()).await.unwrap();
    backplane.commit(&append()).await.unwrap();
    let lines = fs::read_to_string(place.path()).unwrap();
    fs::write(place.path(), lines.split_once('\n').unwrap().1).unwrap();

    let error = super::JsonLines::open(place.path()).await.unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "a line is missing, but: {error}");
}

/// Given a disk that is full, then a commit is not applied, and whoever looks does not see it; given
/// room again, then the file goes on.
#[cfg(unix)]
#[tokio::test]
async fn given_a_full_disk_then_nothing_of_the_commit_is_there() {
    let place = Place::new();
    let limited = "trap '' XFSZ; ulimit -f 16; exec \"$0\" --exact crashes::fills_the_file_up --ignored";
    let mut process = Command::new("sh");
    process.args(["-c", limited]).arg(std::env::current_exe().unwrap()).env("GOVERNANCE_TEST_FILE", place.path());
    let output = process.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));

    let backplane = place.json_lines().await;
    let full = Snapshot::of(&backplane, &key()).await;
    assert!(!full.log.is_empty(), "some fitted in");
    assert_eq!(backplane.commit(&append()).await.unwrap().sequence, full.head.sequence.next());
}

#[tokio::test]
#[ignore = "a part of the test above, which runs it in a process whose files are limited"]
async fn fills_the_file_up() {
    let path = std::env::var_os("GOVERNANCE_TEST_FILE").expect("the test above sets it");
    let backplane = super::JsonLines::open(path).await.unwrap();
    let mut applied = 0;
    let error = loop {
        match backplane.commit(&append()).await {
            Ok(receipt) => applied = receipt.sequence.get(),
            Err(error) => break error,
        }
    };
    assert_eq!(error.outcome(), Outcome::NotApplied, "{error}");
    assert_eq!(Snapshot::of(&backplane, &key()).await.head.sequence.get(), applied);
}
