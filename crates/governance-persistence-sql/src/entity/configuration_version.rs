//! The table `configuration_versions`: configurations, version by version.

use super::JsonText;
use sea_orm::entity::prelude::*;

/// A row of `configuration_versions`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "configuration_versions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) experiment_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) sequence: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) ordinal: i64,
    pub(crate) id: String,
    pub(crate) number: i64,
    pub(crate) configuration: JsonText,
    pub(crate) created_at: i64,
    pub(crate) created_by: String,
    pub(crate) change_description: Option<String>,
    pub(crate) lifecycle_state: Option<String>,
    pub(crate) hash: String,
    pub(crate) is_rollback: bool,
    pub(crate) rolled_back_from: Option<i64>,
    pub(crate) restored_version: Option<i64>,
    pub(crate) metadata: JsonText,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
