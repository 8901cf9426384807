//! Rows taken apart by the position of their columns. SeaORM's own way looks each column up by its name,
//! which for a page of records is the dearest part of reading it.

use super::{
    approval_record, configuration_version, experiment_state, governance_commit, governance_ephemeral,
    policy_definition, policy_evaluation, state_transition,
};
use sea_orm::{DbErr, FromQueryResult, QueryResult, TryGetable};

/// A model of an entity that is selected with all its columns, first and in their order, as `find` does.
pub(crate) trait ByPosition: Sized {
    /// The columns, in order.
    const COLUMNS: &'static [&'static str];

    fn take(row: &QueryResult) -> Result<Self, DbErr>;
}

/// A row that is only its columns.
pub(crate) struct Row<M>(pub(crate) M);

impl<M: ByPosition> FromQueryResult for Row<M> {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        M::take(row).map(Self)
    }
}

/// The column at this position. What is wrong with it is told by its name.
pub(crate) fn column<T: TryGetable>(row: &QueryResult, position: usize, name: &str) -> Result<T, DbErr> {
    row.try_get_by_index(position).or_else(|_| row.try_get("", name))
}

macro_rules! by_position {
    ($($module:ident: $($field:ident)+;)+) => {$(
        impl ByPosition for $module::Model {
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),+];

            fn take(row: &QueryResult) -> Result<Self, DbErr> {
                let mut positions = 0..;
                Ok(Self { $($field: column(row, positions.next().unwrap_or_default(), stringify!($field))?),+ })
            }
        }
    )+};
}

by_position! {
    experiment_state: id tenant environment name sequence latest_version recorded_at pruned_through etag
        lifecycle_state configuration_version last_modified last_modified_by metadata;
    governance_ephemeral: tenant environment name kind id value expires_at;
    governance_commit: experiment_id sequence commit_id fingerprint recorded_at state;
    state_transition: experiment_id sequence ordinal id from_state to_state timestamp actor reason metadata;
    approval_record: experiment_id sequence ordinal id transition_id from_state to_state decision approver
        requested_by reason timestamp gate configuration_version configuration_hash metadata;
    configuration_version: experiment_id sequence ordinal id number configuration created_at created_by
        change_description lifecycle_state hash is_rollback rolled_back_from restored_version metadata;
    policy_definition: experiment_id sequence ordinal id name version kind parameters enabled timestamp actor
        metadata;
    policy_evaluation: experiment_id sequence ordinal id policy compliant reason severity timestamp current_state
        target_state metadata;
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::{EntityTrait, IdenStatic, Iterable};

    fn assert_in_order<E: EntityTrait<Model: ByPosition>>() {
        let selected: Vec<_> = E::Column::iter().map(|column| column.as_str()).collect();
        assert_eq!(selected, <E::Model as ByPosition>::COLUMNS);
    }

    #[test]
    fn given_what_find_selects_then_columns_are_taken_in_that_order() {
        assert_in_order::<experiment_state::Entity>();
        assert_in_order::<governance_commit::Entity>();
        assert_in_order::<governance_ephemeral::Entity>();
        assert_in_order::<state_transition::Entity>();
        assert_in_order::<approval_record::Entity>();
        assert_in_order::<configuration_version::Entity>();
        assert_in_order::<policy_definition::Entity>();
        assert_in_order::<policy_evaluation::Entity>();
    }
}
