//! Look-ups, whose cost does not grow with the history.

use super::kind::History;
use super::record::{by_place, recorded};
use super::{Reader, belongs_to, hint, scalar};
use crate::codec;
use crate::entity::{approval_record, configuration_version, policy_definition, policy_evaluation};
use governance_persistence::{
    Direction, Error, ExperimentKey, LookUp, Record, RecordId, Recorded, Result, VersionNumber,
};
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{ColumnTrait, DbBackend, QueryFilter, QueryOrder, QuerySelect, Select};

impl Reader {
    pub(crate) async fn look_up(&self, key: &ExperimentKey, look_up: LookUp<'_>) -> Result<Vec<Recorded<Record>>> {
        match look_up {
            // No policy's name ends in a space; MySQL takes one for the name without it.
            LookUp::LatestDefinition(policy) | LookUp::LatestEvaluation(policy) if policy.ends_with(' ') => {
                Ok(Vec::new())
            }
            LookUp::Version(number) => self.fetch(key, version(key, number)).await,
            LookUp::LatestVersion => self.fetch(key, latest_version(key)).await,
            LookUp::LatestDefinition(policy) => {
                self.newest::<policy_definition::Entity>(key, policy_definition::Column::Name, policy).await
            }
            LookUp::LatestEvaluation(policy) => {
                self.newest::<policy_evaluation::Entity>(key, policy_evaluation::Column::Policy, policy).await
            }
            LookUp::Approvals(transition) => self.fetch(key, about(key, transition)).await,
            _ => Err(Error::Unsupported {
                what: "this look-up".into(),
                why: "this version of the SQL backplane does not know it; update governance-persistence-sql".into(),
            }),
        }
    }

    async fn newest<E: History>(
        &self,
        key: &ExperimentKey,
        column: E::Column,
        value: &str,
    ) -> Result<Vec<Recorded<Record>>> {
        let newest = if self.backend() == DbBackend::MySql { newest_by_hint::<E> } else { newest::<E> };
        self.fetch(key, newest(key, column, value)).await
    }
}

pub(super) fn version(key: &ExperimentKey, number: VersionNumber) -> Select<configuration_version::Entity> {
    recorded(key).filter(configuration_version::Column::Number.eq(codec::number(number)))
}

pub(super) fn latest_version(key: &ExperimentKey) -> Select<configuration_version::Entity> {
    let number = configuration_version::Column::Number;
    hint::by_column(recorded(key), number).order_by_desc(number).limit(1)
}

/// The approvals for a transition, in order.
pub(super) fn about(key: &ExperimentKey, transition: RecordId) -> Select<approval_record::Entity> {
    let transition = transition.to_string();
    let places = places_of::<approval_record::Entity>(key, approval_record::Column::TransitionId, &transition);
    by_place(recorded(key).filter(place::<approval_record::Entity>().in_subquery(places)), Direction::Ascending)
}

/// The place of a record, as a tuple.
fn place<E: History>() -> Expr {
    let column = |column| Expr::col((E::default(), column));
    Expr::tuple([column(E::EXPERIMENT_ID), column(E::SEQUENCE), column(E::ORDINAL)])
}

/// The places of the records that have this value, out of the index that there is for it. Asked
/// for the records themselves, SQLite walks the table instead, which has them in order too.
fn places_of<E: History>(key: &ExperimentKey, column: E::Column, value: &str) -> SelectStatement {
    Query::select()
        .columns([E::EXPERIMENT_ID, E::SEQUENCE, E::ORDINAL].map(|column| (E::default(), column)))
        .from(E::default())
        .and_where(belongs_to::<E>(E::EXPERIMENT_ID, key))
        .and_where(Expr::col((E::default(), column)).eq(value))
        .take()
}

/// The record that has this value and was recorded last.
pub(super) fn newest<E: History>(key: &ExperimentKey, column: E::Column, value: &str) -> Select<E> {
    let mut places = places_of::<E>(key, column, value);
    places.order_by((E::default(), E::SEQUENCE), Order::Desc).order_by((E::default(), E::ORDINAL), Order::Desc);
    recorded(key).filter(place::<E>().eq(scalar(places.limit(1).take())))
}

/// As [`newest`], for MySQL: it finds no index for a tuple that a subquery gives, but can be told which
/// one has the records in order.
fn newest_by_hint<E: History>(key: &ExperimentKey, column: E::Column, value: &str) -> Select<E> {
    let records = hint::by_column(recorded::<E>(key), column).filter(column.eq(value));
    by_place(records, Direction::Descending).limit(1)
}
