//! Configurations: written, compared, brought back.

use crate::stopping::{Call, Stopping};
use crate::world::{approved, approved_as, brought_to, configured, key, log, moved, on, state, traffic_of};
use governance::{
    ApprovalRequest, Error, Governance, LifecycleTable, Listing, ManualGate, Moves, NewVersion, RollbackRequest,
    TransitionRequest, Versioning,
};
use governance_persistence::{
    Backplane, CommitId, ConflictCause, ContentHash, Expected, LifecycleState, Record, VersionNumber,
};
use std::sync::Arc;

on_every_backplane! {
    a_version_is_numbered_from_the_head
    an_edit_of_a_version_that_is_not_the_latest_is_a_conflict
    a_first_version_can_be_asked_for_as_such
    a_version_written_meanwhile_is_followed
    versions_are_safe_to_write_again
    versions_differ_by_place
    a_rollback_keeps_its_provenance
    a_rollback_with_a_move_is_from_what_was_in_effect
    a_rollback_to_what_is_missing_or_latest_is_refused
    a_rollback_of_a_state_that_is_gone_is_a_conflict
    a_rollback_moves_the_experiment_in_the_same_commit
    a_rollback_goes_through_the_gates
    what_was_brought_back_needs_approval_before_it_runs
    rollbacks_are_safe_to_repeat
    a_changed_configuration_comes_with_the_transition
    without_automatic_versions_a_changed_configuration_is_refused
}

fn number(number: u64) -> VersionNumber {
    VersionNumber::new(number).unwrap()
}

fn half() -> NewVersion {
    NewVersion::of(traffic_of(50), "alice").description("half of the traffic")
}

fn plain(backplane: &Arc<dyn Backplane>) -> Governance {
    on(backplane).build().unwrap()
}

async fn a_version_is_numbered_from_the_head(backplane: Arc<dyn Backplane>) {
    // Given a version, and an experiment under review
    configured(&backplane, 10).await;
    brought_to(&backplane, &[LifecycleState::PendingApproval]).await;
    let versions = plain(&backplane).versions();
    // When another one is written
    let created = versions.create(&key(), &half()).await.unwrap();
    // Then it follows, and says in which state it was written
    assert_eq!(created.version.number, number(2));
    assert_eq!(created.version.hash, ContentHash::of(&traffic_of(50)));
    assert_eq!(created.version.lifecycle_state, Some(LifecycleState::PendingApproval));
    assert_eq!(created.version.change_description.as_deref(), Some("half of the traffic"));
    assert_eq!(versions.latest(&key()).await.unwrap().unwrap().record, created.version);
    assert_eq!(versions.get(&key(), number(2)).await.unwrap().unwrap().record, created.version);
    assert_eq!(versions.get(&key(), number(3)).await.unwrap(), None);
    let listed = versions.list(&key(), &Listing::new().newest_first()).await.unwrap().items;
    assert_eq!(listed.iter().map(|found| found.record.number.get()).collect::<Vec<_>>(), [2, 1]);
    // And it is not in effect
    assert_eq!(plain(&backplane).lifecycle().state(&key()).await.unwrap().version_in_effect(), None);
}

async fn a_first_version_can_be_asked_for_as_such(backplane: Arc<dyn Backplane>) {
    let versions = plain(&backplane).versions();
    // Given two people who both found no version
    let first = versions.create(&key(), &half().if_first()).await.unwrap();
    assert_eq!(first.version.number, VersionNumber::FIRST);
    // When the second one writes the first version, then it is a conflict that names what is there
    let error = versions.create(&key(), &half().if_first()).await.unwrap_err();
    let cause = ConflictCause::Version { wanted: VersionNumber::FIRST, latest: VersionNumber::FIRST };
    assert_eq!(error.as_conflict().unwrap().cause, cause);
}

async fn an_edit_of_a_version_that_is_not_the_latest_is_a_conflict(backplane: Arc<dyn Backplane>) {
    // Given two people who edit version 1
    let versions = plain(&backplane).versions();
    let error = versions.create(&key(), &half().based_on(number(1))).await.unwrap_err();
    assert!(matches!(error, Error::NoSuchVersion { latest: None, .. }), "{error}");
    let first = configured(&backplane, 10).await;
    versions.create(&key(), &half().based_on(first)).await.unwrap();
    // When the second one writes theirs, then nothing of the first one's is lost
    let error = versions.create(&key(), &half().based_on(first)).await.unwrap_err();
    let cause = ConflictCause::Version { wanted: number(2), latest: number(2) };
    assert_eq!(error.as_conflict().map(|conflict| conflict.cause.clone()), Some(cause));
}

async fn a_version_written_meanwhile_is_followed(backplane: Arc<dyn Backplane>) {
    let stopping = Stopping::new(&backplane);
    let begun = async || {
        // Given somebody who has numbered their version
        let slow = Governance::builder().persistence(Arc::clone(&stopping)).build().unwrap().versions();
        let mut stop = stopping.at(Call::Commit);
        let writing = tokio::spawn(async move { slow.create(&key(), &half()).await });
        stop.reached().await;
        (stop, writing)
    };
    // When others take the number, then the version gets the next one
    let (stop, writing) = begun().await;
    configured(&backplane, 10).await;
    stop.go_on();
    let created = writing.await.unwrap().unwrap().version;
    assert_eq!((created.number, created.lifecycle_state), (number(2), Some(LifecycleState::Draft)));
    // When others move the experiment, then the version says in which state it was written
    let (stop, writing) = begun().await;
    brought_to(&backplane, &[LifecycleState::PendingApproval]).await;
    stop.go_on();
    let created = writing.await.unwrap().unwrap().version;
    assert_eq!((created.number, created.lifecycle_state), (number(3), Some(LifecycleState::PendingApproval)));
}

async fn versions_are_safe_to_write_again(backplane: Arc<dyn Backplane>) {
    let versions = plain(&backplane).versions();
    let new = half().commit_id(CommitId::new());
    let first = versions.create(&key(), &new).await.unwrap();
    configured(&backplane, 10).await;
    let again = versions.create(&key(), &new).await.unwrap();
    assert_eq!((again.version, again.receipt.replayed), (first.version, true));
    let error = versions.create(&key(), &new.description("other")).await.unwrap_err();
    assert!(error.to_string().contains("was used before"), "{error}");
}

async fn versions_differ_by_place(backplane: Arc<dyn Backplane>) {
    let (first, second) = (configured(&backplane, 10).await, configured(&backplane, 50).await);
    let versions = plain(&backplane).versions();
    let forth = versions.diff(&key(), first, second).await.unwrap();
    assert_eq!(forth.to_string(), "Modified /traffic: 10 -> 50");
    let back = versions.diff(&key(), second, first).await.unwrap();
    assert_eq!(back.to_string(), "Modified /traffic: 50 -> 10");
    let error = versions.diff(&key(), first, number(9)).await.unwrap_err();
    assert!(error.to_string().ends_with("has no configuration version 9; the latest is 2"), "{error}");
}

async fn a_rollback_keeps_its_provenance(backplane: Arc<dyn Backplane>) {
    // Given version 2, in effect
    let (first, second) = (configured(&backplane, 10).await, configured(&backplane, 50).await);
    brought_to(&backplane, &[LifecycleState::PendingApproval, LifecycleState::Approved, LifecycleState::Running]).await;
    // When version 1 is brought back without a move
    let request = RollbackRequest::to(first, "carol").reason("errors doubled");
    let back = plain(&backplane).versions().rollback(&key(), &request).await.unwrap();
    // Then version 3 tells where it comes from, and has what version 1 had
    assert!(back.version.is_rollback && back.transition.is_none() && back.state.is_none());
    assert_eq!(back.version.number, number(3));
    assert_eq!((back.version.rolled_back_from, back.version.restored_version), (Some(second), Some(first)));
    assert_eq!(back.version.configuration, traffic_of(10));
    assert_eq!(back.version.change_description.as_deref(), Some("errors doubled"));
    // And the experiment runs what it ran
    let standing = plain(&backplane).lifecycle().state(&key()).await.unwrap();
    assert_eq!((standing.state, standing.version_in_effect()), (LifecycleState::Running, Some(second)));
}

async fn a_rollback_with_a_move_is_from_what_was_in_effect(backplane: Arc<dyn Backplane>) {
    // Given version 2, in effect, and version 3, which never was
    let (first, second) = (configured(&backplane, 10).await, configured(&backplane, 50).await);
    brought_to(&backplane, &[LifecycleState::PendingApproval, LifecycleState::Approved, LifecycleState::Running]).await;
    let third = configured(&backplane, 90).await;
    let versions = plain(&backplane).versions();
    let back =
        async |target| versions.rollback(&key(), &RollbackRequest::to(target, "carol").moving_to_rolled_back()).await;
    // When version 1 is brought back, then that is from version 2
    let version = back(first).await.unwrap().version;
    assert_eq!((version.rolled_back_from, version.restored_version), (Some(second), Some(first)));
    // Given version 1 in effect again, and the latest one something else
    brought_to(&backplane, &[LifecycleState::Draft, LifecycleState::PendingApproval, LifecycleState::Approved]).await;
    let run = TransitionRequest::to(LifecycleState::Running, "alice").version(first);
    plain(&backplane).lifecycle().transition(&key(), &run).await.unwrap();
    let latest = configured(&backplane, 70).await;
    // When the latest is wanted, which is not what runs, then it may be gone back to
    let version = back(latest).await.unwrap().version;
    assert_eq!((version.rolled_back_from, version.restored_version), (Some(first), Some(latest)));
    assert!(third < latest && version.number > latest);
    // And what is both the latest and in effect is no way back
    brought_to(&backplane, &[LifecycleState::Draft, LifecycleState::PendingApproval, LifecycleState::Approved]).await;
    brought_to(&backplane, &[LifecycleState::Running]).await;
    let error = back(version.number).await.unwrap_err();
    assert!(error.to_string().contains("which is the latest version already"), "{error}");
}

async fn a_rollback_to_what_is_missing_or_latest_is_refused(backplane: Arc<dyn Backplane>) {
    let versions = plain(&backplane).versions();
    let error = versions.rollback(&key(), &RollbackRequest::to(number(1), "carol")).await.unwrap_err();
    assert!(error.to_string().ends_with("has no configuration version 1; it has none at all"), "{error}");
    configured(&backplane, 10).await;
    for (target, told) in [(7, "the latest is 1"), (1, "which is the latest version already")] {
        let error = versions.rollback(&key(), &RollbackRequest::to(number(target), "carol")).await.unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
    }
    assert_eq!(log(&backplane).await.len(), 1);
}

async fn a_rollback_of_a_state_that_is_gone_is_a_conflict(backplane: Arc<dyn Backplane>) {
    // Given carol, who read the state of what runs version 2, and bob, who has paused it since
    let (first, _) = (configured(&backplane, 10).await, configured(&backplane, 50).await);
    brought_to(&backplane, &[LifecycleState::PendingApproval, LifecycleState::Approved, LifecycleState::Running]).await;
    let (versions, lifecycle) = (plain(&backplane).versions(), plain(&backplane).lifecycle());
    let read = lifecycle.state(&key()).await.unwrap().etag().unwrap();
    let pause = TransitionRequest::to(LifecycleState::Paused, "bob");
    let now = lifecycle.transition(&key(), &pause).await.unwrap().state.etag;
    for request in [RollbackRequest::to(first, "carol"), RollbackRequest::to(first, "carol").moving_to_rolled_back()] {
        // When she rolls back what she read, then she learns what bob did, and nothing is written
        let before = log(&backplane).await.len();
        let error = versions.rollback(&key(), &request.clone().if_match(read)).await.unwrap_err();
        let conflict = error.as_conflict().unwrap();
        assert_eq!(conflict.cause, ConflictCause::Expected(Expected::Match(read)));
        let state = conflict.head.state.clone().unwrap();
        assert_eq!((state.lifecycle_state, state.last_modified_by.as_deref()), (LifecycleState::Paused, Some("bob")));
        assert_eq!(log(&backplane).await.len(), before);
        // When she rolls back what is there, then it is rolled back
        versions.rollback(&key(), &request.if_match(now)).await.unwrap();
        assert_eq!(log(&backplane).await.len(), before + 1);
    }
    assert_eq!(state(&backplane).await, LifecycleState::RolledBack);
}

async fn a_rollback_moves_the_experiment_in_the_same_commit(backplane: Arc<dyn Backplane>) {
    // Given an experiment that runs version 2
    let (first, _) = (configured(&backplane, 10).await, configured(&backplane, 50).await);
    brought_to(&backplane, &[LifecycleState::PendingApproval, LifecycleState::Approved, LifecycleState::Running]).await;
    // When it is taken back
    let request = RollbackRequest::to(first, "carol").reason("errors doubled").moving_to_rolled_back();
    let back = plain(&backplane).versions().rollback(&key(), &request).await.unwrap();
    // Then one entry has version, transition and state, and what was brought back is in effect
    let entry = log(&backplane).await.pop().unwrap();
    assert_eq!(entry.commit_id, back.receipt.commit_id);
    let [Record::Transition(transition), Record::Version(version)] = entry.records.as_slice() else {
        panic!("{entry:?}")
    };
    assert_eq!((Some(transition), version), (back.transition.as_ref(), &back.version));
    assert_eq!((transition.from, transition.to), (LifecycleState::Running, LifecycleState::RolledBack));
    assert_eq!(back.state.unwrap().configuration_version, Some(number(3)));
    assert_eq!(version.lifecycle_state, Some(LifecycleState::Running));
    // And where there is no such move, nothing is written
    let again = RollbackRequest::to(first, "carol").moving_to_rolled_back();
    let error = plain(&backplane).versions().rollback(&key(), &again).await.unwrap_err();
    assert!(matches!(error, Error::NotAllowed(_)), "{error}");
    assert_eq!(plain(&backplane).lifecycle().state(&key()).await.unwrap().head.latest_version, Some(number(3)));
}

async fn a_rollback_goes_through_the_gates(backplane: Arc<dyn Backplane>) {
    // Given a gate before RolledBack
    let first = configured(&backplane, 10).await;
    configured(&backplane, 50).await;
    brought_to(&backplane, &[LifecycleState::PendingApproval, LifecycleState::Approved, LifecycleState::Running]).await;
    let gate = ManualGate::new("on-call", Moves::into(LifecycleState::RolledBack));
    let governance = on(&backplane).approval_gate(gate).build().unwrap();
    // When somebody rolls back on their own, then they are refused, and no version is written
    let request = RollbackRequest::to(first, "carol").moving_to_rolled_back();
    let error = governance.versions().rollback(&key(), &request).await.unwrap_err();
    assert!(error.as_refusal().is_some(), "{error}");
    assert_eq!(state(&backplane).await, LifecycleState::Running);
    assert_eq!(governance.versions().latest(&key()).await.unwrap().unwrap().record.number, number(2));
    // When people approve the move, but not what is to be brought back, then this one is refused
    approved_as(&governance, &ApprovalRequest::to(LifecycleState::RolledBack, "carol")).await;
    let error = governance.versions().rollback(&key(), &request).await.unwrap_err();
    assert!(error.to_string().contains("the configuration changed since"), "{error}");
    // When people approve exactly this, then it is made as what they approved
    let asked = ApprovalRequest::to(LifecycleState::RolledBack, "carol").restoring(first);
    let id = approved_as(&governance, &asked).await;
    let back = governance.versions().rollback(&key(), &request).await.unwrap();
    assert_eq!((back.transition.unwrap().id, back.version.number), (id, number(3)));
}

async fn what_was_brought_back_needs_approval_before_it_runs(backplane: Arc<dyn Backplane>) {
    // Given a lifecycle that goes on from RolledBack, and a version, never approved, that was brought back
    let never_approved = configured(&backplane, 90).await;
    configured(&backplane, 10).await;
    brought_to(&backplane, &[LifecycleState::PendingApproval, LifecycleState::Approved, LifecycleState::Running]).await;
    let table = LifecycleTable::standard().allowing(LifecycleState::RolledBack, LifecycleState::Running);
    let gate = ManualGate::new("review", Moves::into(LifecycleState::Approved));
    let governance = on(&backplane).approval_gate(gate).lifecycle(table).build().unwrap();
    let back = RollbackRequest::to(never_approved, "mallory").moving_to_rolled_back();
    governance.versions().rollback(&key(), &back).await.unwrap();
    // When it is to run, then the gate into Approved stands before it
    let error = moved(&governance, LifecycleState::Running).await.unwrap_err();
    assert!(error.to_string().contains("gate \"review\""), "{error}");
    approved(&governance, LifecycleState::Running).await;
    moved(&governance, LifecycleState::Running).await.unwrap();
}

async fn rollbacks_are_safe_to_repeat(backplane: Arc<dyn Backplane>) {
    let (first, second) = (configured(&backplane, 10).await, configured(&backplane, 50).await);
    brought_to(&backplane, &[LifecycleState::PendingApproval, LifecycleState::Approved, LifecycleState::Running]).await;
    let versions = plain(&backplane).versions();
    for request in [RollbackRequest::to(first, "carol"), RollbackRequest::to(second, "carol").moving_to_rolled_back()] {
        let request = request.commit_id(CommitId::new());
        let back = versions.rollback(&key(), &request).await.unwrap();
        let again = versions.rollback(&key(), &request).await.unwrap();
        assert_eq!((again.version, again.transition), (back.version, back.transition));
        assert!(again.receipt.replayed);
        let error = versions.rollback(&key(), &request.reason("other")).await.unwrap_err();
        assert!(error.to_string().contains("was used before"), "{error}");
    }
}

async fn a_changed_configuration_comes_with_the_transition(backplane: Arc<dyn Backplane>) {
    // Given automatic versions, a gate into Approved, and version 1, approved
    configured(&backplane, 10).await;
    brought_to(&backplane, &[LifecycleState::PendingApproval]).await;
    let gate = ManualGate::new("review", Moves::into(LifecycleState::Approved));
    let builder = on(&backplane).approval_gate(gate).versioning(Versioning::Automatic);
    let governance = builder.build().unwrap();
    approved(&governance, LifecycleState::Approved).await;
    // When the move carries another configuration, then it is not what was approved
    let approve = TransitionRequest::to(LifecycleState::Approved, "alice");
    let changed = approve.clone().configuration(traffic_of(90));
    let error = governance.lifecycle().transition(&key(), &changed).await.unwrap_err();
    assert!(error.to_string().contains("the configuration changed since: there is version 2 now"), "{error}");
    // When it carries the very one, then no version is written
    let same = approve.configuration(traffic_of(10));
    let moved_same = governance.lifecycle().transition(&key(), &same).await.unwrap();
    assert_eq!((moved_same.version, moved_same.state.configuration_version), (None, Some(number(1))));
    moved(&governance, LifecycleState::Running).await.unwrap();
    // When a later move carries another one, then the gate into Approved stands before it
    let ramp = TransitionRequest::to(LifecycleState::Ramping, "alice").configuration(traffic_of(90));
    let error = governance.lifecycle().transition(&key(), &ramp).await.unwrap_err();
    assert!(error.to_string().contains("gate \"review\""), "{error}");
    // When people approve exactly that beforehand, then it comes with the move
    let asked = ApprovalRequest::to(LifecycleState::Ramping, "alice").configuration(traffic_of(80));
    let id = approved_as(&governance, &asked).await;
    let ramp_80 = TransitionRequest::to(LifecycleState::Ramping, "alice").configuration(traffic_of(80));
    let ramped = governance.lifecycle().transition(&key(), &ramp_80).await.unwrap();
    assert_eq!((ramped.transition.id, ramped.version.map(|new| new.number)), (id, Some(number(2))));
    brought_to(&backplane, &[LifecycleState::Running]).await;
    // And without a gate it comes with the move, in one commit, and is in effect
    let free = on(&backplane).versioning(Versioning::Automatic).build().unwrap();
    let ramp = ramp.reason("all of it").commit_id(CommitId::new());
    let ramped = free.lifecycle().transition(&key(), &ramp).await.unwrap();
    let version = ramped.version.clone().unwrap();
    assert_eq!((version.number, version.configuration.clone()), (number(3), traffic_of(90)));
    assert_eq!(version.change_description.as_deref(), Some("all of it"));
    assert_eq!(ramped.state.configuration_version, Some(number(3)));
    // And it is done once
    let again = free.lifecycle().transition(&key(), &ramp).await.unwrap();
    assert_eq!((again.version, again.receipt.replayed), (ramped.version, true));
    let other = ramp.configuration(traffic_of(91));
    assert!(free.lifecycle().transition(&key(), &other).await.is_err());
}

async fn without_automatic_versions_a_changed_configuration_is_refused(backplane: Arc<dyn Backplane>) {
    configured(&backplane, 10).await;
    let submit = TransitionRequest::to(LifecycleState::PendingApproval, "alice");
    let lifecycle = plain(&backplane).lifecycle();
    let error = lifecycle.transition(&key(), &submit.clone().configuration(traffic_of(90))).await.unwrap_err();
    assert!(matches!(error, Error::Invalid(_)), "{error}");
    lifecycle.transition(&key(), &submit.configuration(traffic_of(10))).await.unwrap();
}
