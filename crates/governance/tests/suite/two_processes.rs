//! The three races of governance between processes that have a manager each: each forced order, and both at once.

use crate::places::Address;
use crate::process::{Answer, Deed, Process, governed};
use crate::world::{approved, brought_to, configured, key, moves_from, state};
use governance::{ApprovalRequest, EvaluationRequest, Telemetry};
use governance_persistence::{Backplane, BackplaneExt, Decision, LifecycleState};
use std::sync::Arc;

on_every_shared_place! {
    of_two_processes_that_ramp_at_once_one_wins_and_the_other_learns_who
    of_an_approved_move_and_a_rollback_one_is_made
    an_approval_and_a_rollback_never_both_move
    an_evaluation_between_judging_and_committing_blocks
}

/// How often each race is run in each order.
const ROUNDS: usize = 3;
const LIVE: [LifecycleState; 3] = [LifecycleState::PendingApproval, LifecycleState::Approved, LifecycleState::Running];

/// Who is let go first, of two who have judged and stand before their commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    First,
    Second,
    Together,
}

impl Order {
    const ALL: [Self; 3] = [Self::First, Self::Second, Self::Together];

    /// Both go on, and this is what comes of it.
    fn let_go(self, first: &mut Process, second: &mut Process) -> [Answer; 2] {
        match self {
            Self::First => [first.goes_on(), second.goes_on()],
            Self::Second => {
                let answer = second.goes_on();
                [first.goes_on(), answer]
            }
            Self::Together => {
                first.is_let_go();
                second.is_let_go();
                [first.answer(), second.answer()]
            }
        }
    }
}

/// They were told that somebody else was first, who it was, and what the experiment is now.
#[track_caller]
fn assert_lost(answer: &Answer, now: LifecycleState, winner: &str) {
    let Answer::Refused { is_conflict: true, told } = answer else { panic!("{answer:?}") };
    assert!(told.contains(&format!("it is {now}")) && told.contains(&format!("set by {winner}")), "{told}");
}

async fn set_by(backplane: &Arc<dyn Backplane>) -> Option<String> {
    backplane.get_experiment_state(&key()).await.unwrap().unwrap().last_modified_by.clone()
}

async fn of_two_processes_that_ramp_at_once_one_wins_and_the_other_learns_who(address: Address) {
    let backplane = address.open().await;
    brought_to(&backplane, &LIVE).await;
    let names = ["alice", "bob"];
    let [mut alice, mut bob] = names.map(|name| Process::of(name, &address));
    let ramp = Deed::Move(LifecycleState::Ramping);
    for round in 1..=ROUNDS {
        // Given two who have judged that they may ramp, when both go on
        for order in Order::ALL {
            alice.stands_before(ramp);
            bob.stands_before(ramp);
            let answers = order.let_go(&mut alice, &mut bob);
            // Then one ramped, the first one if there was one, and the other learns who
            let winner = answers.iter().position(|answer| *answer == Answer::Done).expect("one wins");
            assert!(order == Order::Together || winner == order as usize, "{order:?}: {answers:?}");
            assert_lost(&answers[1 - winner], LifecycleState::Ramping, names[winner]);
            assert_eq!(set_by(&backplane).await.as_deref(), Some(names[winner]));
            brought_to(&backplane, &[LifecycleState::Running]).await;
        }
        // When both begin at the same time, then it is the same, whenever they judged
        alice.begins(ramp);
        bob.begins(ramp);
        let answers = [alice.answer(), bob.answer()];
        let winner = answers.iter().position(|answer| *answer == Answer::Done).expect("one wins");
        let Answer::Refused { told, .. } = &answers[1 - winner] else { panic!("{answers:?}") };
        assert!(told.contains(&format!("set by {}", names[winner])), "{told}");
        brought_to(&backplane, &[LifecycleState::Running]).await;
        assert_eq!(moves_from(&backplane, LifecycleState::Running).await, round * (Order::ALL.len() + 1));
    }
}

/// Paused at a version that is not the first one; people have to approve that it runs again.
async fn paused(backplane: &Arc<dyn Backplane>) {
    configured(backplane, 10).await;
    configured(backplane, 20).await;
    brought_to(backplane, &LIVE).await;
    brought_to(backplane, &[LifecycleState::Paused]).await;
}

async fn of_an_approved_move_and_a_rollback_one_is_made(address: Address) {
    let backplane = address.open().await;
    let [mut alice, mut carol] = ["alice", "carol"].map(|name| Process::of(name, &address));
    paused(&backplane).await;
    let mut races = 0;
    for order in Order::ALL.repeat(ROUNDS) {
        // Given alice, whose approved move is judged, and carol, whose rollback is judged
        approved(&governed(&backplane), LifecycleState::Running).await;
        let version = governed(&backplane).versions().latest(&key()).await.unwrap().unwrap().record.number;
        alice.stands_before(Deed::Move(LifecycleState::Running));
        carol.stands_before(Deed::RollBack);
        // When both go on
        let [moved, rolled_back] = order.let_go(&mut alice, &mut carol);
        // Then the experiment made one of the two moves, the first one if there was one, and the other learns who
        let is_back = rolled_back == Answer::Done;
        assert!(order == Order::Together || is_back == (order == Order::Second), "{order:?}: {moved:?}");
        let now = if is_back { LifecycleState::RolledBack } else { LifecycleState::Running };
        assert_eq!(state(&backplane).await, now);
        if is_back {
            assert_lost(&moved, now, "carol");
        } else {
            assert_eq!(moved, Answer::Done);
            assert_lost(&rolled_back, now, "alice");
        }
        races += 1;
        assert_eq!(moves_from(&backplane, LifecycleState::Paused).await, races);
        // And a version was written with the rollback, and not without it
        let latest = governed(&backplane).versions().latest(&key()).await.unwrap().unwrap().record;
        assert_eq!((latest.number > version, latest.is_rollback), (is_back, is_back));
        // Again
        if is_back {
            brought_to(&backplane, &[LifecycleState::Draft]).await;
            configured(&backplane, 20).await;
            brought_to(&backplane, &LIVE).await;
        }
        brought_to(&backplane, &[LifecycleState::Paused]).await;
    }
}

async fn an_approval_and_a_rollback_never_both_move(address: Address) {
    let backplane = address.open().await;
    let [mut bob, mut carol] = ["bob", "carol"].map(|name| Process::of(name, &address));
    let mut races = 0;
    for order in Order::ALL.repeat(ROUNDS) {
        // Given a request, bob, who is about to approve, and carol, who is about to roll back
        paused(&backplane).await;
        let governance = governed(&backplane);
        let request = ApprovalRequest::to(LifecycleState::Running, "alice");
        let id = governance.approvals().request(&key(), &request).await.unwrap().transition_id;
        bob.stands_before(Deed::Approve(id));
        carol.stands_before(Deed::RollBack);
        // When both go on
        let [approved, rolled_back] = order.let_go(&mut bob, &mut carol);
        // Then carol rolled back, and bob's word is recorded if it was there before, or bob learns of her
        assert_eq!(rolled_back, Answer::Done);
        let is_approved = approved == Answer::Done;
        assert!(order == Order::Together || is_approved == (order == Order::First), "{order:?}: {approved:?}");
        if !is_approved {
            assert_lost(&approved, LifecycleState::RolledBack, "carol");
        }
        let recorded = governance.approvals().of_transition(&key(), id).await.unwrap();
        let approvals = recorded.iter().filter(|found| found.record.decision == Decision::Approved).count();
        assert_eq!(approvals, usize::from(is_approved));
        // And what he approved is not made any more, by nobody
        let answer = carol.does(Deed::Move(LifecycleState::Running));
        assert!(matches!(answer, Answer::Refused { is_conflict: false, .. }), "{answer:?}");
        races += 1;
        assert_eq!(moves_from(&backplane, LifecycleState::Paused).await, races);
        assert_eq!(state(&backplane).await, LifecycleState::RolledBack);
        brought_to(&backplane, &[LifecycleState::Draft]).await;
    }
}

async fn an_evaluation_between_judging_and_committing_blocks(address: Address) {
    let backplane = address.open().await;
    brought_to(&backplane, &LIVE).await;
    let mut alice = Process::of("alice", &address);
    let measure = async |rate| {
        let request = EvaluationRequest::by("monitor").telemetry(Telemetry::none().error_rate(rate));
        governed(&backplane).policies().evaluate(&key(), &request).await.unwrap();
    };
    for round in 1..=ROUNDS {
        // Given alice, in a process of her own, who has judged that she may ramp
        alice.stands_before(Deed::Move(LifecycleState::Ramping));
        // When this process sees errors, and she goes on
        measure(0.2).await;
        // Then she is blocked by what was seen, and not by what she brought
        let answer = alice.goes_on();
        let Answer::Refused { is_conflict: false, told } = &answer else { panic!("{answer:?}") };
        assert!(told.contains("policy \"errorRate\": an error rate of 0.2"), "{told}");
        assert_eq!(state(&backplane).await, LifecycleState::Running);
        assert_eq!(moves_from(&backplane, LifecycleState::Running).await, round - 1);
        // When it sees none the next time, then she ramps
        alice.stands_before(Deed::Move(LifecycleState::Ramping));
        measure(0.0).await;
        assert_eq!(alice.goes_on(), Answer::Done);
        assert_eq!(moves_from(&backplane, LifecycleState::Running).await, round);
        brought_to(&backplane, &[LifecycleState::Running]).await;
    }
}
