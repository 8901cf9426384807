//! The table `governance_commits`: the log, one row a commit.

use super::JsonText;
use sea_orm::entity::prelude::*;

/// A row of `governance_commits`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "governance_commits")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) experiment_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) sequence: i64,
    pub(crate) commit_id: String,
    pub(crate) fingerprint: String,
    pub(crate) recorded_at: i64,
    pub(crate) state: Option<JsonText>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
