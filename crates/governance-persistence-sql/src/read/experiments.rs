//! Pages of experiments, in key order.

use super::{Reader, hint, page};
use crate::codec::{self, scope};
use crate::entity::{Row, experiment_state as head};
use crate::error::of_sea_orm;
use governance_persistence::{ExperimentKey, ExperimentsQuery, Filter, Head, Page, Result};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

impl Reader {
    pub(crate) async fn experiments(&self, query: &ExperimentsQuery) -> Result<Page<Head>> {
        let condition = Condition::all()
            .add_option(filter(head::Column::Tenant, query.tenant()))
            .add_option(filter(head::Column::Environment, query.environment()))
            .add_option(query.state().map(|state| head::Column::LifecycleState.eq(state.as_str())))
            .add_option(query.after()?.as_ref().map(behind));
        let rows = hint::by(head::Entity::find(), "name")
            .filter(condition)
            .order_by_asc(head::Column::Tenant)
            .order_by_asc(head::Column::Environment)
            .order_by_asc(head::Column::Name)
            .limit(query.size().get() as u64 + 1)
            .into_model::<Row<head::Model>>()
            .all(self.db()?)
            .await
            .map_err(|error| of_sea_orm("listing experiments", error))?;
        let decode = |Row(row)| codec::head(&codec::key(&row)?, &row);
        page(rows, query.size(), decode, |last: &Head| query.cursor(&last.key))
    }
}

fn filter(column: head::Column, filter: &Filter) -> Option<sea_orm::sea_query::SimpleExpr> {
    match filter {
        Filter::Any => None,
        Filter::None => Some(column.eq(scope(None))),
        Filter::Is(name) => Some(column.eq(name.as_str())),
    }
}

/// Behind a key, in key order. Spelled out, because not every engine finds the index range of a
/// comparison of tuples.
fn behind(key: &ExperimentKey) -> Condition {
    let (tenant, environment) = (scope(key.tenant()), scope(key.environment()));
    let same_environment =
        Condition::all().add(head::Column::Environment.eq(environment)).add(head::Column::Name.gt(key.name()));
    let same_tenant = Condition::all()
        .add(head::Column::Tenant.eq(tenant))
        .add(Condition::any().add(head::Column::Environment.gt(environment)).add(same_environment));
    let behind = Condition::any().add(head::Column::Tenant.gt(tenant)).add(same_tenant);
    // Says nothing new, but gives the index a place to begin.
    Condition::all().add(head::Column::Tenant.gte(tenant)).add(behind)
}
