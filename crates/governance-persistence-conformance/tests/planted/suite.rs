//! The whole suite on every bug: the cases that are named for it must be among those that fail.

use crate::bug::{Bug, place};
use crate::bugs::*;
use governance_persistence_conformance::Check;
use std::sync::Arc;

/// Finds every bug there is, so it is not asked: each must be found by a case with a name of its own.
const MODEL: &str = "model::random_programs_are_answered_as_in_memory";

/// The names of the checks that fail.
fn failing<B: Bug + Default + 'static>() -> Vec<&'static str> {
    let checks = Check::all().filter(|check| check.name() != MODEL);
    let failing = checks.filter(|check| check.run(async || place(Arc::new(B::default()))).is_err());
    failing.map(|check| check.name()).collect()
}

/// The suite must find the bug, by these cases at least.
fn assert_found<B: Bug + Default + 'static>(by: &[&str]) {
    let failing = failing::<B>();
    let missing: Vec<_> = by.iter().filter(|name| !failing.contains(name)).collect();
    assert!(missing.is_empty(), "not found by {missing:?}, but by {failing:#?}");
}

/// A bug that was planted, and the checks that must find it.
pub(crate) struct Row {
    pub(crate) bug: &'static str,
    pub(crate) found_by: &'static [&'static str],
}

macro_rules! planted {
    ($(#[doc = $bug:literal] $test:ident($type:ty) by [$($found_by:literal),+];)*) => {
        $(
            #[test]
            fn $test() {
                assert_found::<$type>(&[$($found_by),+]);
            }
        )*

        pub(crate) const PLANTED: &[Row] = &[$(Row { bug: $bug, found_by: &[$($found_by),+] }),*];
    };
}

#[test]
fn given_no_bug_then_nothing_fails() {
    assert_eq!(failing::<NoBug>(), [""; 0]);
}

planted! {
    /// a lost update: it looks at the ETag, and writes some time later
    given_a_lost_update_then_it_is_found(LooksThenWrites) by [
        "concurrency::one_of_many_with_the_same_etag_wins",
        "concurrency::one_of_many_that_create_wins"
    ];
    /// a lost update: it writes whatever the ETag is
    given_an_etag_that_is_not_looked_at_then_it_is_found(Overwrites) by [
        "expectations::match_is_met_by_the_current_etag_only",
        "features::state"
    ];
    /// an expected sequence is ignored
    given_an_expected_sequence_that_is_ignored_then_it_is_found(IgnoresAt) by [
        "expectations::at_is_met_until_anything_is_recorded"
    ];
    /// a doubled append: what is appended is there twice
    given_a_doubled_append_then_it_is_found(AppendsTwice) by [
        "concurrency::concurrent_appends_all_persist",
        "features::history"
    ];
    /// a doubled append: what is sent again is applied again
    given_a_replay_that_is_applied_then_it_is_found(AppliesReplays) by [
        "replays::a_commit_sent_again_gives_the_first_receipt",
        "concurrency::one_commit_sent_many_times_at_once_is_applied_once"
    ];
    /// a replay is told as an application
    given_a_replay_that_is_not_called_one_then_it_is_found(ForgetsThatItIsAReplay) by [
        "replays::a_commit_sent_again_gives_the_first_receipt"
    ];
    /// a replay is told to be recorded now
    given_an_instant_that_changes_then_it_is_found(GivesAnotherInstantLater) by [
        "replays::a_commit_sent_again_gives_the_first_receipt"
    ];
    /// other content under a known commit id is taken for a replay
    given_a_fingerprint_that_is_not_compared_then_it_is_found(ComparesNoFingerprint) by [
        "replays::a_commit_id_with_other_content_is_refused",
        "concurrency::one_commit_id_with_many_contents_is_applied_once"
    ];
    /// a record with a known id is left out, and the rest is stored
    given_a_known_record_that_is_left_out_then_it_is_found(DropsAKnownRecord) by [
        "record_ids::a_used_record_id_is_refused"
    ];
    /// a leak between tenants: a look-up falls back to the default tenant
    given_a_look_up_that_leaks_then_it_is_found(LeaksTheDefaultTenant) by [
        "isolation::nothing_is_seen_from_another_scope"
    ];
    /// a leak between tenants: no tenant is a wildcard
    given_a_missing_tenant_that_stands_for_all_then_it_is_found(TakesNoTenantForAll) by [
        "isolation::nothing_is_seen_from_another_scope",
        "features::isolation"
    ];
    /// a leak between tenants: a tenant and an environment of one name are one key
    given_keys_that_run_into_each_other_then_it_is_found(KeysRunIntoEachOther) by [
        "isolation::parts_do_not_run_into_each_other"
    ];
    /// names that differ in case are one experiment
    given_names_without_case_then_it_is_found(IgnoresCase) by ["isolation::names_are_compared_byte_for_byte"];
    /// a leak between tenants: the listing shows all
    given_a_listing_that_leaks_then_it_is_found(IgnoresTheTenantFilter) by [
        "experiments::filters_let_through_what_they_say"
    ];
    /// a leak between tenants: they share ephemerals
    given_ephemerals_that_leak_then_it_is_found(SharesEphemerals) by ["ephemerals::values_do_not_run_into_each_other"];
    /// a wrong order of answers: the expectation before the replay
    given_an_expectation_before_a_replay_then_it_is_found(LooksAtTheExpectationFirst) by [
        "answer_order::a_replay_wins_over_everything",
        "answer_order::a_reused_commit_id_wins_over_the_expectation"
    ];
    /// a wrong order of answers: the record id before the version
    given_a_record_id_before_a_version_then_it_is_found(LooksAtTheRecordIdsFirst) by [
        "answer_order::a_wrong_version_wins_over_a_used_record_id"
    ];
    /// a conflict does not show what is there now
    given_a_conflict_that_tells_nothing_then_it_is_found(TellsNothingOfTheWinner) by [
        "answer_order::an_unmet_expectation_wins_over_the_version",
        "features::conflicts"
    ];
    /// a gap: a refused commit uses up a sequence
    given_a_gap_in_the_sequence_then_it_is_found(BurnsSequences) by [
        "concurrency::one_of_many_with_the_same_etag_wins",
        "answer_order::a_refused_commit_leaves_no_state"
    ];
    /// a gap: the log leaves out an entry behind a page
    given_a_gap_in_the_log_then_it_is_found(SkipsAnEntry) by ["logs::the_log_starts_behind_any_sequence"];
    /// a commit is acknowledged and not stored
    given_an_acknowledgement_of_nothing_then_it_is_found(StoresNothing) by [
        "features::history",
        "concurrency::concurrent_appends_all_persist"
    ];
    /// a large commit is acknowledged and stored in part
    given_a_commit_that_is_cut_then_it_is_found(CutsLargeCommits) by [
        "limits::a_commit_of_a_thousand_records_is_taken"
    ];
    /// what was acknowledged is gone with the handle
    given_a_store_that_ends_with_its_handle_then_it_is_found(KeepsItInTheHandle) by [
        "durability::all_is_there_when_the_place_is_opened_again",
        "durability::a_dropped_handle_loses_nothing"
    ];
    /// a strong read does not see the commits of other handles
    given_a_read_that_is_old_then_it_is_found(ReadsWhatItSaw) by [
        "durability::a_handle_that_only_reads_sees_every_commit"
    ];
    /// the head shows a commit before its records are there
    given_a_head_that_shows_a_part_then_it_is_found(ShowsAPart) by ["concurrency::no_reader_sees_a_part"];
    /// ordinals start anew with each kind
    given_ordinals_that_start_anew_then_it_is_found(CountsOrdinalsByKind) by [
        "commits::all_parts_of_a_commit_are_there_together"
    ];
    /// the ETag changes with an append
    given_an_etag_that_changes_with_an_append_then_it_is_found(ChangesTheEtagWithAnAppend) by [
        "commits::only_a_state_changes_the_etag"
    ];
    /// history is in the order of the writers' clocks
    given_history_by_the_clock_then_it_is_found(OrdersByTheClock) by [
        "history::order_is_by_place_and_not_by_timestamp",
        "features::history"
    ];
    /// newest first leaves the records of a commit in their order
    given_a_wrong_order_within_a_commit_then_it_is_found(OrdersTheNewestFirstWrongly) by [
        "history::pages_of_every_size_hold_all_records"
    ];
    /// a page lacks its last record
    given_a_page_without_its_last_record_then_it_is_found(DropsTheLastOfAPage) by [
        "history::pages_of_every_size_hold_all_records"
    ];
    /// a range of time lacks its end
    given_a_range_without_its_edge_then_it_is_found(StopsAtTheEdgeOfARange) by [
        "history::a_range_of_time_holds_what_was_recorded_then"
    ];
    /// replication takes another history for ours
    given_another_history_that_is_taken_for_ours_then_it_is_found(TakesEveryEntryAsApplied) by [
        "replication::another_history_diverges"
    ];
    /// a removed ephemeral stays
    given_an_ephemeral_that_stays_then_it_is_found(KeepsRemovedEphemerals) by [
        "ephemerals::a_value_is_there_until_it_is_removed"
    ];
    /// a dropped future keeps its lock
    given_a_turn_that_is_never_given_back_then_it_is_found(KeepsItsTurn) by [
        "cancellation::a_dropped_commit_leaves_all_or_nothing"
    ];
    /// a closed handle answers
    given_a_handle_that_stays_open_then_it_is_found(StaysOpen) by ["closing::a_closed_handle_answers_nothing"];
    /// a panic
    given_a_backplane_that_panics_then_it_is_found(Panics) by ["commits::records_need_no_state"];
}
