//! What is read is what was written, to the last byte, through every way of reading.

use crate::act::{apply, records};
use crate::{Opener, Snapshot, samples};
use governance_persistence::{
    Backplane, Commit, Expected, ExperimentKey, Json, LifecycleState, LogEntry, Record, StateChange, Timestamp,
};

/// Every field of every record and of the state survives, with all that is optional set, at every
/// odd instant, in many scripts, with JSON that is hard to keep.
pub async fn every_field_survives(opener: &dyn Opener) {
    let backplane = opener.open().await;
    for at in samples::odd_instants() {
        let key = samples::key();
        let commit = Commit::builder(&key, Expected::Absent).state(samples::full_state(at));
        let commit = commit.records(samples::full_records(1, at)).build().expect("the commit is valid");
        assert_kept(opener, &backplane, &commit).await;
    }
}

/// What is optional and was not set is not set when it is read.
pub async fn what_was_not_set_stays_unset(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let commit = Commit::builder(&key, Expected::Absent).state(StateChange::to(LifecycleState::Archived));
    let commit = commit.records(samples::sparse_records(1)).build().expect("the commit is valid");
    assert_kept(opener, &backplane, &commit).await;
}

/// A state with fields set, then one without, then one with: each replaces all of the one before.
pub async fn a_state_replaces_the_whole_one_before(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let full = samples::full_state(Timestamp::MAX);
    for change in [full.clone(), StateChange::to(LifecycleState::Draft), full] {
        let commit = Commit::builder(&key, Expected::Any).state(change.clone()).build().expect("the commit is valid");
        apply(&backplane, &commit).await;
        let state = Snapshot::of(&backplane, &key).await.head.state.expect("it was just saved");
        assert_eq!(state.to_change(), change);
    }
}

/// Every lifecycle state is kept by its name.
pub async fn every_lifecycle_state_survives(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    for lifecycle in LifecycleState::ALL {
        apply(&backplane, &crate::act::state(&key, Expected::Any, lifecycle)).await;
        let state = Snapshot::of(&backplane, &key).await.head.state.expect("it was just saved");
        assert_eq!(state.lifecycle_state, lifecycle);
    }
}

/// A configuration may be any JSON value, and no number of it changes on the way.
pub async fn a_configuration_is_any_json(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let deep = format!("{}{}", "[".repeat(30), "]".repeat(30));
    let texts = [
        "null",
        "true",
        "[]",
        "{}",
        "\"\"",
        "0",
        "-0.0",
        "1e2",
        "1e21",
        "1e-7",
        "0.1",
        "18446744073709551615",
        "-1",
        "-9223372036854775808",
        "9007199254740993",
        "123456789.123456789",
        "5e-324",
        "1.7976931348623157e308",
        r#""\u2028 \u0001 \" \\ é é 😀""#,
        r#"{"b":{"y":1,"x":2},"a":[3,2,1]}"#,
        &deep,
    ];
    let versions = (1..).zip(texts).map(|(n, text)| {
        let json = Json::parse(text).expect("the sample is JSON");
        governance_persistence::ConfigurationDraft::new(json, "carol").numbered(samples::number(n))
    });
    assert_kept(opener, &backplane, &records(&key, Expected::Any, versions)).await;
}

/// Applies the commit; it reads back equal through every way of reading, and through a new handle.
async fn assert_kept(opener: &dyn Opener, backplane: &dyn Backplane, commit: &Commit) {
    let key: &ExperimentKey = commit.key();
    let receipt = apply(backplane, commit).await;
    let written = LogEntry::of(commit, receipt.sequence, receipt.recorded_at);
    for handle in [None, Some(opener.open().await)] {
        let handle = handle.as_deref().unwrap_or(backplane);
        let snapshot = Snapshot::of(handle, key).await;
        assert_eq!(&snapshot.log[..], std::slice::from_ref(&written));
        assert_eq!(snapshot.records.len(), commit.records().len());
        let all_there = |record: &Record| snapshot.records.iter().any(|recorded| recorded.record == *record);
        assert!(commit.records().iter().all(all_there), "every record reads back equal");
        assert_eq!(snapshot.head.state.map(|state| state.to_change()).as_ref(), commit.state());
    }
}
