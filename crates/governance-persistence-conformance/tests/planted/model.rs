//! The model test finds what it is for, and shrinks each bug to a program of a few steps.

use crate::bug::{Bug, place};
use crate::bugs::*;
use governance_persistence_conformance::Opener;
use governance_persistence_conformance::model::{Difference, Programs, find_difference};
use std::sync::Arc;

/// The programs are the same each time.
const PROGRAMS: Programs = Programs { seed: 1, count: 500 };

fn look_for<B: Bug + Default + 'static>(programs: Programs) -> Option<Difference> {
    let mut difference = None;
    let opener = async { place(Arc::new(B::default())) };
    governance_persistence_conformance::run(opener, async |opener: &dyn Opener| {
        difference = find_difference(opener, programs).await;
    });
    difference
}

/// Looks for the bug; it must show, in a program of at most so many steps.
fn find<B: Bug + Default + 'static>(steps: usize) -> Difference {
    let difference = look_for::<B>(PROGRAMS).unwrap_or_else(|| panic!("it was not found"));
    println!("{difference}\n");
    assert!(difference.program.len() <= steps, "it was not shrunk to {steps} steps: {difference}");
    difference
}

#[test]
fn given_no_bug_then_there_is_no_difference() {
    assert!(look_for::<NoBug>(PROGRAMS).is_none());
}

#[test]
fn given_a_page_without_its_last_record_then_it_is_found() {
    find::<DropsTheLastOfAPage>(3);
}

#[test]
fn given_an_expectation_that_is_ignored_then_it_is_found() {
    find::<IgnoresAt>(2);
}

#[test]
fn given_a_replay_that_is_not_called_one_then_it_is_found() {
    find::<ForgetsThatItIsAReplay>(2);
}

#[test]
fn given_a_leak_between_tenants_then_it_is_found() {
    find::<LeaksTheDefaultTenant>(2);
}

#[test]
fn given_a_wrong_order_within_a_commit_then_it_is_found() {
    find::<OrdersTheNewestFirstWrongly>(1);
}

#[test]
fn given_an_instant_that_changes_then_it_is_found() {
    find::<GivesAnotherInstantLater>(2);
}

#[test]
fn given_a_wrong_order_of_answers_then_it_is_found() {
    find::<LooksAtTheRecordIdsFirst>(3);
}

#[test]
fn given_another_history_that_is_taken_for_ours_then_it_is_found() {
    find::<TakesEveryEntryAsApplied>(2);
}

#[test]
fn given_an_ephemeral_that_stays_then_it_is_found() {
    find::<KeepsRemovedEphemerals>(3);
}

#[test]
fn given_a_range_without_its_edge_then_it_is_found() {
    find::<StopsAtTheEdgeOfARange>(3);
}

#[test]
fn given_a_backplane_that_panics_then_its_seed_is_told() {
    let difference = find::<Panics>(1);
    assert!(difference.to_string().contains(&format!("GOVERNANCE_MODEL_SEED={}", difference.seed)));
}

#[test]
fn given_a_seed_then_the_same_program_fails_again() {
    let first = find::<IgnoresAt>(2);
    let again = look_for::<IgnoresAt>(Programs { seed: first.seed, count: 1 }).unwrap();
    assert_eq!(again.program, first.program);
}
