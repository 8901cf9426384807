//! The table `state_transitions`: lifecycle transitions.

use super::JsonText;
use sea_orm::entity::prelude::*;

/// A row of `state_transitions`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "state_transitions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) experiment_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) sequence: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) ordinal: i64,
    pub(crate) id: String,
    pub(crate) from_state: String,
    pub(crate) to_state: String,
    pub(crate) timestamp: i64,
    pub(crate) actor: String,
    pub(crate) reason: Option<String>,
    pub(crate) metadata: JsonText,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
