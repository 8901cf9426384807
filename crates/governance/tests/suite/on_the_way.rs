//! The gates on the way to live: a configuration that did not pass them does so before it takes effect,
//! wherever on the way they stand, and whatever move puts it in effect.

use crate::backplanes::in_memory;
use crate::world::{approved_as, brought_to, configured, key, log, moved, on, state, traffic_of};
use governance::{
    Actor, ApprovalRequest, Governance, LifecycleTable, ManualGate, Moves, RoleBasedGate, TrafficLimit,
    TransitionRequest, Transitioned, Versioning,
};
use governance_persistence::{
    Backplane, Decision, LifecycleState,
    LifecycleState::{Approved, Archived, Draft, Paused, PendingApproval, Ramping, Running},
    Record, VersionNumber,
};
use std::sync::Arc;

on_every_backplane! {
    what_was_approved_for_launch_is_not_exchanged_behind_it
    what_was_approved_for_review_is_not_edited_under_review
    what_was_submitted_may_be_approved_by_number
    a_role_has_to_be_held_by_who_exchanges
    what_passed_goes_on_past_no_further_gate
    what_was_archived_has_passed_nothing
    a_policy_on_the_way_judges_what_takes_effect_behind_it
}

fn governed(backplane: &Arc<dyn Backplane>, moves: Moves) -> Governance {
    let builder = on(backplane).approval_gate(ManualGate::new("people", moves)).versioning(Versioning::Automatic);
    builder.build().unwrap()
}

fn version(number: u64) -> VersionNumber {
    VersionNumber::new(number).unwrap()
}

async fn in_effect(governance: &Governance) -> Option<u64> {
    governance.lifecycle().state(&key()).await.unwrap().version_in_effect().map(VersionNumber::get)
}

async fn carried(governance: &Governance, to: LifecycleState, traffic: u32) -> governance::Result<Transitioned> {
    let carrying = TransitionRequest::to(to, "mallory").configuration(traffic_of(traffic));
    governance.lifecycle().transition(&key(), &carrying).await
}

async fn what_was_approved_for_launch_is_not_exchanged_behind_it(backplane: Arc<dyn Backplane>) {
    // Given a gate before launch alone, and version 1 approved there, which runs
    let governance = governed(&backplane, Moves::out_of(Approved));
    configured(&backplane, 5).await;
    brought_to(&backplane, &[PendingApproval, Approved]).await;
    approved_as(&governance, &ApprovalRequest::to(Running, "alice")).await;
    moved(&governance, Running).await.unwrap();
    // When mallory carries another one into Ramping, then it is refused, and version 1 stays in effect
    let error = carried(&governance, Ramping, 99).await.unwrap_err();
    assert!(error.to_string().contains("gate \"people\": it needs 1 approvals by people"), "{error}");
    assert_eq!((state(&backplane).await, in_effect(&governance).await), (Running, Some(1)));
    // When it is brought in as a version and named, then it is refused as well
    let second = configured(&backplane, 99).await;
    let named = TransitionRequest::to(Ramping, "mallory").version(second);
    assert!(governance.lifecycle().transition(&key(), &named).await.is_err());
    // When people approve exactly that, then it takes effect
    approved_as(&governance, &ApprovalRequest::to(Ramping, "alice").version(second)).await;
    governance.lifecycle().transition(&key(), &named).await.unwrap();
    assert_eq!(in_effect(&governance).await, Some(2));
}

async fn what_was_approved_for_review_is_not_edited_under_review(backplane: Arc<dyn Backplane>) {
    // Given a gate before submission alone, and version 1 approved there
    let governance = governed(&backplane, Moves::between(Draft, PendingApproval));
    configured(&backplane, 5).await;
    approved_as(&governance, &ApprovalRequest::to(PendingApproval, "alice")).await;
    moved(&governance, PendingApproval).await.unwrap();
    // When another version is written under review, then it is not approved by that, nor one that is carried
    configured(&backplane, 99).await;
    for answer in [moved(&governance, Approved).await, carried(&governance, Approved, 98).await] {
        let error = answer.unwrap_err();
        assert!(error.to_string().contains("gate \"people\": it needs 1 approvals by people"), "{error}");
    }
    // When people approve it where it is, then it goes on, and runs
    approved_as(&governance, &ApprovalRequest::to(Approved, "alice")).await;
    moved(&governance, Approved).await.unwrap();
    moved(&governance, Running).await.unwrap();
    assert_eq!(in_effect(&governance).await, Some(2));
}

async fn what_was_submitted_may_be_approved_by_number(backplane: Arc<dyn Backplane>) {
    // Given version 2 of three, submitted past people, and version 3, written since
    let governance = governed(&backplane, Moves::between(Draft, PendingApproval));
    configured(&backplane, 5).await;
    configured(&backplane, 6).await;
    approved_as(&governance, &ApprovalRequest::to(PendingApproval, "alice")).await;
    moved(&governance, PendingApproval).await.unwrap();
    configured(&backplane, 7).await;
    // When another one is named, then people have to approve it; version 2 they did
    let named = |number| TransitionRequest::to(Approved, "alice").version(version(number));
    for other in [1, 3] {
        let error = governance.lifecycle().transition(&key(), &named(other)).await.unwrap_err();
        assert!(error.to_string().contains("gate \"people\""), "version {other}: {error}");
    }
    governance.lifecycle().transition(&key(), &named(2)).await.unwrap();
    assert_eq!(in_effect(&governance).await, Some(2));
}

async fn a_role_has_to_be_held_by_who_exchanges(backplane: Arc<dyn Backplane>) {
    // Given a gate for a role before launch, past which carol brought version 1
    let gate = RoleBasedGate::new("operators", Moves::between(Approved, Running), ["sre"]).unwrap();
    let governance = on(&backplane).approval_gate(gate).versioning(Versioning::Automatic).build().unwrap();
    let carol = || Actor::new("carol").with_role("sre");
    configured(&backplane, 5).await;
    brought_to(&backplane, &[PendingApproval, Approved]).await;
    governance.lifecycle().transition(&key(), &TransitionRequest::to(Running, carol())).await.unwrap();
    // When mallory exchanges it, then she has no such role
    let error = carried(&governance, Ramping, 99).await.unwrap_err();
    assert!(error.to_string().contains("mallory has none of the roles sre"), "{error}");
    // When carol does, then the gate's approval is about what she exchanged it for
    let ramp = TransitionRequest::to(Ramping, carol()).configuration(traffic_of(99));
    let ramping = governance.lifecycle().transition(&key(), &ramp).await.unwrap();
    assert_eq!(ramping.approvals[0].approver.as_deref(), Some("carol"));
    assert_eq!(ramping.approvals[0].configuration_version, Some(version(2)));
}

#[tokio::test]
async fn each_gate_on_the_way_stands_before_each_move_that_exchanges() {
    const WAY: [&[LifecycleState]; 4] =
        [&[], &[PendingApproval], &[PendingApproval, Approved], &[PendingApproval, Approved, Running]];
    // Given a gate for a role before one move of the way, behind which the experiment is
    let lying = [(1, Moves::between(Draft, PendingApproval)), (2, Moves::between(PendingApproval, Approved))];
    let lying =
        lying.into_iter().chain([(3, Moves::between(Approved, Running)), (3, Moves::between(Approved, Ramping))]);
    for (behind, moves) in lying {
        for (at, way) in WAY.into_iter().enumerate().skip(behind) {
            let exchanging: &[LifecycleState] = [&[Approved][..], &[Running, Ramping], &[Ramping]][at - 1];
            for to in exchanging {
                let backplane = in_memory();
                configured(&backplane, 5).await;
                brought_to(&backplane, way).await;
                let gate = RoleBasedGate::new("operators", moves, ["sre"]).unwrap();
                let governance = on(&backplane).approval_gate(gate).versioning(Versioning::Automatic).build().unwrap();
                // When mallory exchanges what passed, then the gate stands before her
                let error = carried(&governance, *to, 99).await.unwrap_err();
                assert!(error.to_string().contains("gate \"operators\""), "{moves:?} {way:?} {to}: {error}");
            }
        }
    }
}

async fn what_passed_goes_on_past_no_further_gate(backplane: Arc<dyn Backplane>) {
    // Given gates before all of the way, and version 1, which passed them all
    let way = [Moves::out_of(Draft), Moves::out_of(PendingApproval), Moves::out_of(Approved)];
    let builder = way.into_iter().enumerate().fold(on(&backplane), |builder, (index, moves)| {
        builder.approval_gate(ManualGate::new(format!("gate {index}"), moves))
    });
    let governance = builder.build().unwrap();
    configured(&backplane, 5).await;
    for to in [PendingApproval, Approved, Running] {
        approved_as(&governance, &ApprovalRequest::to(to, "alice")).await;
        moved(&governance, to).await.unwrap();
    }
    // When an edit is written, and the experiment goes on without it, then nobody is asked
    configured(&backplane, 99).await;
    for to in [Ramping, Paused, Running] {
        moved(&governance, to).await.unwrap();
        assert_eq!(in_effect(&governance).await, Some(1));
    }
    // When the edit is to take effect, then each gate of the way is asked, and none of any other move
    let error =
        governance.lifecycle().transition(&key(), &TransitionRequest::to(Ramping, "alice").version(version(2))).await;
    let refused = error.unwrap_err();
    assert_eq!(refused.as_refusal().unwrap().objections.len(), 3, "{refused}");
    let recorded = log(&backplane).await.pop().unwrap().records;
    let rejections = recorded.iter().filter(|record| match record {
        Record::Approval(approval) => approval.decision == Decision::Rejected,
        _ => false,
    });
    assert_eq!(rejections.count(), 3);
}

async fn what_was_archived_has_passed_nothing(backplane: Arc<dyn Backplane>) {
    // Given a lifecycle that goes on from Archived, and an experiment that was archived as a draft
    configured(&backplane, 5).await;
    brought_to(&backplane, &[Archived]).await;
    let table = LifecycleTable::standard().allowing(Archived, Running);
    let gate = ManualGate::new("review", Moves::into(Approved));
    let governance = on(&backplane).approval_gate(gate).lifecycle(table).build().unwrap();
    // When it is to run, then the gate into Approved stands before it
    let error = moved(&governance, Running).await.unwrap_err();
    assert!(error.to_string().contains("gate \"review\""), "{error}");
}

async fn a_policy_on_the_way_judges_what_takes_effect_behind_it(backplane: Arc<dyn Backplane>) {
    // Given a limit on what is approved, and version 1, which keeps it
    let limit = TrafficLimit::percent(10.0).unwrap().configured_at("/traffic").on([Moves::into(Approved)]);
    let governance = on(&backplane).policy(limit).versioning(Versioning::Automatic).build().unwrap();
    configured(&backplane, 5).await;
    brought_to(&backplane, &[PendingApproval]).await;
    moved(&governance, Approved).await.unwrap();
    // When an edit behind Approved, or one that is carried later, exceeds it, then it does not take effect
    configured(&backplane, 99).await;
    let run = TransitionRequest::to(Running, "alice");
    let error = governance.lifecycle().transition(&key(), &run).await.unwrap_err();
    assert!(error.to_string().contains("99 % of traffic, where 10 % are allowed"), "{error}");
    governance.lifecycle().transition(&key(), &run.version(version(1))).await.unwrap();
    assert!(carried(&governance, Ramping, 98).await.is_err());
    // When it keeps the limit, then it takes effect, and the evaluation comes with it
    let ramping = carried(&governance, Ramping, 9).await.unwrap();
    assert_eq!((ramping.evaluations.len(), in_effect(&governance).await), (1, Some(3)));
    // And what goes on as it is, is not judged anew
    assert_eq!(moved(&governance, Running).await.unwrap().evaluations, []);
}
