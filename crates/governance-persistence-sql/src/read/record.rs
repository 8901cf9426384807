//! Records as history has them: with their place and their commit.

use super::kind::{COMMIT_ID, History, Joined, RECORDED_AT};
use super::{Reader, belongs_to};
use crate::codec;
use crate::entity::governance_commit as commit;
use crate::error::of_sea_orm;
use governance_persistence::{Direction, Error, ExperimentKey, Record, Recorded, Result, Sequence, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};

impl Reader {
    pub(super) async fn fetch<E: History>(
        &self,
        key: &ExperimentKey,
        select: Select<E>,
    ) -> Result<Vec<Recorded<Record>>> {
        self.rows(select).await?.into_iter().map(|row| decode::<E>(key, row)).collect()
    }

    pub(super) async fn rows<E: History>(&self, select: Select<E>) -> Result<Vec<Joined<E::Model>>> {
        let rows = select.into_model::<Joined<E::Model>>().all(self.db()?).await;
        rows.map_err(|error| of_sea_orm("reading the history", error))
    }
}

/// The experiment's records of one kind, each with its commit's id and time. No record is without its
/// commit; the join is an outer one so that no engine begins with the commits, which are not in the
/// order of the records.
pub(super) fn recorded<E: History>(key: &ExperimentKey) -> Select<E> {
    let mut select = E::find()
        .column_as(commit::Column::CommitId, COMMIT_ID)
        .column_as(commit::Column::RecordedAt, RECORDED_AT)
        .filter(belongs_to::<E>(E::EXPERIMENT_ID, key));
    QueryTrait::query(&mut select).left_join(commit::Entity, commit_of::<E>());
    select
}

/// The one commit of a record. The sum hides from PostgreSQL that all commits are of the same experiment: it would
/// fetch every one of them to find a few, wherever it believes that an experiment has few, as most have.
fn commit_of<E: History>() -> Condition {
    let column = |column| Expr::col((E::default(), column));
    Condition::all()
        .add(commit::Column::ExperimentId.into_expr().eq(column(E::EXPERIMENT_ID).add(Expr::Constant(0.into()))))
        .add(commit::Column::Sequence.into_expr().eq(column(E::SEQUENCE)))
}

pub(super) fn by_place<E: History>(select: Select<E>, direction: Direction) -> Select<E> {
    let order = match direction {
        Direction::Ascending => Order::Asc,
        Direction::Descending => Order::Desc,
    };
    select.order_by(E::SEQUENCE, order.clone()).order_by(E::ORDINAL, order)
}

pub(super) fn decode<E: History>(key: &ExperimentKey, joined: Joined<E::Model>) -> Result<Recorded<Record>> {
    let (sequence, ordinal) = E::place(&joined.row);
    let decode = || {
        let gone = || Error::invalid("commit", "is gone", "the one that brought the record");
        let (commit_id, recorded_at) = joined.commit.ok_or_else(gone)?;
        Ok(Recorded {
            place: codec::place(sequence, ordinal)?,
            commit_id: codec::exact(&commit_id)?,
            recorded_at: Timestamp::from_unix_micros(recorded_at)?,
            record: E::decode(joined.row)?,
        })
    };
    let what = || format!("the {} at ordinal {ordinal}", E::KIND);
    decode().map_err(|error| codec::corrupt(key, Sequence::try_from(sequence).unwrap_or_default(), &what(), &error))
}
