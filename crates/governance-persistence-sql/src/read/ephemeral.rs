//! Ephemerals that have not expired, by the engine's clock.

use super::Reader;
use crate::clock;
use crate::codec::{self, scope};
use crate::entity::Row;
use crate::entity::governance_ephemeral::{Column, Entity, Model};
use crate::error::of_sea_orm;
use governance_persistence::{
    EphemeralId, EphemeralItem, EphemeralKind, ExperimentKey, Json, Result, Sequence, Timestamp,
};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select};

impl Reader {
    pub(crate) async fn get_ephemeral(
        &self,
        key: &ExperimentKey,
        kind: &EphemeralKind,
        id: &EphemeralId,
    ) -> Result<Option<EphemeralItem>> {
        let one = self.living(key, kind).filter(Column::Id.eq(id.as_str()));
        Ok(self.fetch_ephemerals(key, one).await?.pop())
    }

    pub(crate) async fn list_ephemerals(
        &self,
        key: &ExperimentKey,
        kind: &EphemeralKind,
    ) -> Result<Vec<EphemeralItem>> {
        self.fetch_ephemerals(key, self.living(key, kind).order_by_asc(Column::Id)).await
    }

    fn living(&self, key: &ExperimentKey, kind: &EphemeralKind) -> Select<Entity> {
        Entity::find()
            .filter(Column::Tenant.eq(scope(key.tenant())))
            .filter(Column::Environment.eq(scope(key.environment())))
            .filter(Column::Name.eq(key.name()))
            .filter(Column::Kind.eq(kind.as_str()))
            .filter(Expr::col(Column::ExpiresAt).gt(Expr::cust(clock::now(self.backend()))))
    }

    async fn fetch_ephemerals(&self, key: &ExperimentKey, select: Select<Entity>) -> Result<Vec<EphemeralItem>> {
        let rows = select.into_model::<Row<Model>>().all(self.db()?).await;
        let rows = rows.map_err(|error| of_sea_orm("reading ephemerals", error))?;
        rows.into_iter().map(|Row(row)| decode(key, row)).collect()
    }
}

fn decode(key: &ExperimentKey, row: Model) -> Result<EphemeralItem> {
    let decode = || {
        let (id, value) = (EphemeralId::new(&row.id)?, Json::from_canonical(row.value.0)?);
        Ok(EphemeralItem::new(id, value, Timestamp::from_unix_micros(row.expires_at)?))
    };
    decode().map_err(|error| codec::corrupt(key, Sequence::ZERO, "an ephemeral", &error))
}
