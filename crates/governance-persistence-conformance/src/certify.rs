//! The macros that make named tests of the cases and the features, and the one table of their
//! names.

/// Makes a named test of every case and of every feature, on the place that the expression opens:
/// see the [crate's documentation](crate). In one module it can be called once.
#[macro_export]
macro_rules! certify {
    ($opener:expr) => {
        $crate::certify_cases!($opener);
        $crate::certify_features!($opener);
    };
}

/// Makes a named test of every case in [`cases`](crate::cases), in a module `conformance`.
#[macro_export]
macro_rules! certify_cases {
    ($opener:expr) => {
        mod conformance {
            #[allow(unused_imports, reason = "the expression may name what its module imports")]
            use super::*;

            #[allow(dead_code, reason = "outside of a test build nobody opens it")]
            async fn opener() -> impl $crate::Opener {
                $opener
            }

            $crate::__for_each_case!($crate::__tests_of_cases);
        }
    };
}

/// Makes a named test of every Gherkin feature, in a module `features`.
#[macro_export]
macro_rules! certify_features {
    ($opener:expr) => {
        mod features {
            #[allow(unused_imports, reason = "the expression may name what its module imports")]
            use super::*;

            #[allow(dead_code, reason = "outside of a test build nobody opens it")]
            async fn opener() -> impl $crate::Opener {
                $opener
            }

            $crate::__for_each_feature!($crate::__tests_of_features);
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tests_of_cases {
    ($($topic:ident { $($case:ident)* })*) => {$(
        mod $topic {
            $(
                #[test]
                fn $case() {
                    $crate::run(super::opener(), $crate::cases::$topic::$case);
                }
            )*
        }
    )*};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tests_of_features {
    ($($feature:ident)*) => {$(
        #[test]
        fn $feature() {
            $crate::run_feature(stringify!($feature), opener(), opener());
        }
    )*};
}

/// All cases, by topic: hands the table to the macro `$then`.
#[doc(hidden)]
#[macro_export]
macro_rules! __for_each_case {
    ($($then:tt)*) => {
        $($then)*! {
            answer_order {
                a_replay_wins_over_everything
                a_reused_commit_id_wins_over_the_expectation
                an_unmet_expectation_wins_over_the_version
                a_wrong_version_wins_over_a_used_record_id
                a_used_record_id_comes_last
                a_refused_commit_leaves_no_state
            }
            cancellation {
                a_dropped_commit_leaves_all_or_nothing
                many_dropped_commits_do_no_harm
                a_dropped_commit_harms_no_other
                dropped_reads_do_no_harm
            }
            closing {
                a_ping_is_answered
                a_closed_handle_answers_nothing
                ephemerals_of_a_closed_handle_answer_nothing
                other_handles_go_on
                closing_twice_is_fine
                closing_waits_for_what_was_begun
            }
            commits {
                all_parts_of_a_commit_are_there_together
                a_receipt_tells_where_and_when
                only_a_state_changes_the_etag
                records_need_no_state
                an_unknown_experiment_is_empty
                recorded_at_never_runs_backwards
            }
            concurrency {
                one_of_many_with_the_same_etag_wins
                one_of_many_that_create_wins
                one_of_many_at_the_same_sequence_wins
                one_of_many_with_the_same_version_wins
                concurrent_appends_all_persist
                one_commit_sent_many_times_at_once_is_applied_once
                one_commit_id_with_many_contents_is_applied_once
                writers_on_different_experiments_all_succeed
                no_reader_sees_a_part
            }
            durability {
                all_is_there_when_the_place_is_opened_again
                handles_see_each_others_commits_at_once
                a_handle_that_only_reads_sees_every_commit
                a_dropped_handle_loses_nothing
            }
            ephemerals {
                a_value_is_there_until_it_is_removed
                a_value_put_again_replaces_the_one_before
                values_are_listed_in_the_order_of_their_ids
                ids_may_be_words_of_a_protocol
                values_do_not_run_into_each_other
                a_value_expires
                a_value_tells_when_it_expires
                a_value_too_large_is_refused
                ephemerals_are_not_history
            }
            expectations {
                any_is_always_met
                absent_is_met_until_a_state_is_saved
                match_is_met_by_the_current_etag_only
                at_is_met_until_anything_is_recorded
                at_zero_creates
                a_conflict_on_an_unknown_experiment_leaves_nothing
            }
            experiments {
                all_experiments_are_listed_in_key_order
                filters_let_through_what_they_say
                filters_are_exact
                the_lifecycle_state_filters_by_what_is_now
                pages_are_complete_and_disjoint
                a_cursor_survives_new_experiments
                a_cursor_belongs_to_its_query
            }
            fidelity {
                every_field_survives
                what_was_not_set_stays_unset
                a_state_replaces_the_whole_one_before
                every_lifecycle_state_survives
                a_configuration_is_any_json
            }
            history {
                pages_of_every_size_hold_all_records
                the_last_page_has_no_next
                empty_histories_are_empty
                cursors_go_on_while_others_append
                a_range_of_time_holds_what_was_recorded_then
                a_cursor_belongs_to_its_query
                order_is_by_place_and_not_by_timestamp
            }
            isolation {
                names_are_compared_byte_for_byte
                environments_are_compared_byte_for_byte
                tenants_are_compared_byte_for_byte
                parts_do_not_run_into_each_other
                expectations_look_at_their_own_key
                nothing_is_seen_from_another_scope
            }
            limits {
                the_longest_names_are_taken
                a_commit_of_a_thousand_records_is_taken
                a_commit_of_nearly_a_mebibyte_is_taken
                the_page_sizes_at_the_limits_are_served
                a_foreign_cursor_is_refused
            }
            logs {
                the_log_starts_behind_any_sequence
                an_entry_is_found_by_its_commit_id
                an_exported_log_verifies
                eventual_reads_are_answered
            }
            look_ups {
                nothing_is_found_where_nothing_was_recorded
                the_latest_is_the_one_recorded_last
                a_policy_is_found_by_its_exact_name
                approvals_are_found_by_their_transition
                approvals_stay_within_their_experiment
                the_latest_is_found_in_a_long_history
            }
            model {
                random_programs_are_answered_as_in_memory
            }
            next_version {
                the_number_follows_the_latest
                the_same_call_again_is_a_replay
                a_used_commit_id_is_refused
                many_at_once_get_numbers_without_a_hole
            }
            operations {
                a_state_is_saved_and_read
                transitions_are_appended_and_listed
                approvals_are_appended_and_listed
                versions_are_appended_found_and_listed
                evaluations_are_appended_and_listed
                another_record_under_a_used_id_is_refused
                everything_is_empty_at_first
                long_histories_are_listed_as_a_whole
            }
            record_ids {
                a_used_record_id_is_refused
                an_equal_record_in_another_commit_is_refused
                an_id_may_serve_every_kind
                a_record_id_belongs_to_its_experiment
            }
            replays {
                a_commit_sent_again_gives_the_first_receipt
                a_replay_works_through_another_handle
                a_replay_may_expect_something_else
                a_commit_id_with_other_content_is_refused
                a_commit_id_belongs_to_its_experiment
                the_id_of_a_refused_commit_stays_free
            }
            replication {
                a_replicated_history_equals_its_source
                an_entry_is_applied_once
                a_gap_names_the_head
                another_history_diverges
                what_cannot_follow_diverges
                a_changed_entry_is_corrupt
                commits_go_on_after_replication
                a_clock_that_runs_ahead_is_followed
                replicators_may_race
            }
            streams {
                a_history_streams_in_both_directions
                a_log_streams_from_any_sequence
                experiments_stream_in_key_order
                an_error_ends_a_stream
            }
            versions {
                the_first_version_may_start_anywhere
                the_largest_version_is_the_last
                a_taken_or_skipped_version_is_a_conflict
                several_versions_in_one_commit_follow_each_other
                a_version_is_found_by_its_number
                a_rollback_keeps_its_provenance
            }
        }
    };
}

/// All features, by the name of their file: hands the table to the macro `$then`.
#[doc(hidden)]
#[macro_export]
macro_rules! __for_each_feature {
    ($($then:tt)*) => {
        $($then)*! {
            state
            history
            versions
            policies
            isolation
            conflicts
        }
    };
}
