//! The table `policy_definitions`: what the policies are.

use super::JsonText;
use sea_orm::entity::prelude::*;

/// A row of `policy_definitions`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy_definitions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) experiment_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) sequence: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) ordinal: i64,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: i64,
    pub(crate) kind: String,
    pub(crate) parameters: JsonText,
    pub(crate) enabled: bool,
    pub(crate) timestamp: i64,
    pub(crate) actor: String,
    pub(crate) metadata: JsonText,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
