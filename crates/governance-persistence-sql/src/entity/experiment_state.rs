//! The table `experiment_states`: the head of each experiment.

use super::JsonText;
use sea_orm::entity::prelude::*;

/// A row of `experiment_states`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "experiment_states")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: i64,
    pub(crate) tenant: String,
    pub(crate) environment: String,
    pub(crate) name: String,
    pub(crate) sequence: i64,
    pub(crate) latest_version: i64,
    pub(crate) recorded_at: i64,
    pub(crate) pruned_through: i64,
    pub(crate) etag: Option<String>,
    pub(crate) lifecycle_state: Option<String>,
    pub(crate) configuration_version: Option<i64>,
    pub(crate) last_modified: Option<i64>,
    pub(crate) last_modified_by: Option<String>,
    pub(crate) metadata: Option<JsonText>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
