//! What the five tables of history have in common, so that one query serves them all.

use crate::codec;
use crate::entity::{
    ByPosition, approval_record, column, configuration_version, policy_definition, policy_evaluation, state_transition,
};
use governance_persistence::{Record, RecordKind, Result};
use sea_orm::{DbErr, EntityTrait, FromQueryResult, QueryResult};

/// An entity whose rows are records of one kind.
pub(super) trait History: EntityTrait<Model: ByPosition> {
    const KIND: RecordKind;
    const EXPERIMENT_ID: Self::Column;
    const SEQUENCE: Self::Column;
    const ORDINAL: Self::Column;

    /// Sequence and ordinal of a row.
    fn place(row: &Self::Model) -> (i64, i64);

    fn decode(row: Self::Model) -> Result<Record>;
}

macro_rules! history {
    ($($module:ident, $kind:ident, $decode:path;)+) => {$(
        impl History for $module::Entity {
            const KIND: RecordKind = RecordKind::$kind;
            const EXPERIMENT_ID: Self::Column = $module::Column::ExperimentId;
            const SEQUENCE: Self::Column = $module::Column::Sequence;
            const ORDINAL: Self::Column = $module::Column::Ordinal;

            fn place(row: &Self::Model) -> (i64, i64) {
                (row.sequence, row.ordinal)
            }

            fn decode(row: Self::Model) -> Result<Record> {
                $decode(row)
            }
        }
    )+};
}

history! {
    state_transition, Transition, codec::transition;
    approval_record, Approval, codec::approval;
    configuration_version, Version, codec::configuration;
    policy_definition, Definition, codec::definition;
    policy_evaluation, Evaluation, codec::evaluation;
}

/// A row of history with what the log knows of its commit.
pub(super) struct Joined<M> {
    pub(super) row: M,
    /// Its id, and when it was recorded; none when the commit is gone, which the database forbids.
    pub(super) commit: Option<(String, i64)>,
}

/// The names of the columns that the join adds, behind all of the record's.
pub(super) const COMMIT_ID: &str = "joined_commit_id";
pub(super) const RECORDED_AT: &str = "joined_recorded_at";

impl<M: ByPosition> FromQueryResult for Joined<M> {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        let (id, recorded_at) = (M::COLUMNS.len(), M::COLUMNS.len() + 1);
        Ok(Self {
            row: M::take(row)?,
            commit: match column(row, id, COMMIT_ID)? {
                Some(id) => Some((id, column(row, recorded_at, RECORDED_AT)?)),
                None => None,
            },
        })
    }
}

/// Runs `$body` with `$entity` naming the entity of the kind.
macro_rules! for_kind {
    ($kind:expr, $entity:ident => $body:expr) => {
        match $kind {
            RecordKind::Transition => {
                use crate::entity::state_transition::Entity as $entity;
                $body
            }
            RecordKind::Approval => {
                use crate::entity::approval_record::Entity as $entity;
                $body
            }
            RecordKind::Version => {
                use crate::entity::configuration_version::Entity as $entity;
                $body
            }
            RecordKind::Definition => {
                use crate::entity::policy_definition::Entity as $entity;
                $body
            }
            RecordKind::Evaluation => {
                use crate::entity::policy_evaluation::Entity as $entity;
                $body
            }
        }
    };
}
pub(super) use for_kind;
