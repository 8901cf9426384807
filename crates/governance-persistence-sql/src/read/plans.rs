//! How SQLite finds what is asked for: through an index, in order, however long the history is.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use super::history::page_of;
use super::log::commits;
use super::look_up::{about, latest_version, newest, version};
use crate::entity::{governance_commit, policy_definition, policy_evaluation, state_transition};
use governance_migrations::Migrator;
use governance_persistence::{Direction, ExperimentKey, Place, RecordId, Sequence, VersionNumber};
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, QueryFilter, QueryTrait, Select};

fn plan<E: EntityTrait>(select: &Select<E>) -> String {
    explain(&select.build(DbBackend::Sqlite).to_string())
}

/// The steps of the plan, on an empty schema: without statistics, as on every new file.
pub(crate) fn explain(sql: &str) -> String {
    let database = rusqlite::Connection::open_in_memory().unwrap();
    for step in Migrator::planned_up(DbBackend::Sqlite) {
        step.statements.iter().for_each(|statement| database.execute_batch(statement).unwrap());
    }
    let mut explain = database.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let steps = explain.raw_query().mapped(|row| row.get::<_, String>("detail"));
    steps.collect::<Result<Vec<_>, _>>().unwrap().join("\n")
}

fn key() -> ExperimentKey {
    ExperimentKey::new("checkout").unwrap()
}

/// Neither a table nor an index is read from end to end, and nothing is sorted.
fn assert_bounded(plan: &str) {
    assert!(!plan.contains("SCAN"), "{plan}");
    assert!(!plan.contains("TEMP B-TREE"), "{plan}");
}

#[test]
fn a_page_is_read_from_where_it_begins_in_order() {
    let place = Some(Place::new(Sequence::new(7).unwrap(), 1));
    for direction in [Direction::Ascending, Direction::Descending] {
        for after in [None, place] {
            let plan = plan(&page_of::<state_transition::Entity>(&key(), (1, i64::MAX), after, direction, 101));
            assert_bounded(&plan);
            let from_there = plan.contains("sequence>?") || plan.contains("sequence<?");
            assert_eq!(from_there, after.is_some(), "{plan}");
        }
    }
}

#[test]
fn a_look_up_goes_through_its_own_index() {
    let policy = newest::<policy_evaluation::Entity>(&key(), policy_evaluation::Column::Policy, "p");
    let named = newest::<policy_definition::Entity>(&key(), policy_definition::Column::Name, "p");
    for (plan, index) in [
        (plan(&policy), "policy_evaluations_by_policy (experiment_id=? AND policy=?"),
        (plan(&named), "policy_definitions_by_name (experiment_id=? AND name=?"),
        (
            plan(&version(&key(), VersionNumber::FIRST)),
            "configuration_versions_by_number (experiment_id=? AND number=?",
        ),
        (plan(&latest_version(&key())), "configuration_versions_by_number (experiment_id=?"),
    ] {
        assert_bounded(&plan);
        assert!(plan.contains(index), "{plan}");
    }
}

#[test]
fn the_approvals_of_a_transition_are_found_by_it_and_only_they_are_sorted() {
    let plan = plan(&about(&key(), RecordId::new()));
    assert!(!plan.contains("SCAN"), "{plan}");
    assert!(plan.contains("approval_records_by_transition_id (experiment_id=? AND transition_id=?"), "{plan}");
    assert!(plan.contains("(experiment_id=? AND sequence=? AND ordinal=?)"), "{plan}");
}

#[test]
fn the_log_is_read_from_where_it_goes_on_in_order() {
    use sea_orm::QueryOrder;
    let sequence = governance_commit::Column::Sequence;
    let plan = plan(&commits(&key()).filter(sequence.gt(7)).order_by_asc(sequence));
    assert_bounded(&plan);
    assert!(plan.contains("sequence>?"), "{plan}");
}
