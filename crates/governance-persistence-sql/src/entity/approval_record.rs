//! The table `approval_records`: approvals, and the requests for them.

use super::JsonText;
use sea_orm::entity::prelude::*;

/// A row of `approval_records`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "approval_records")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) experiment_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) sequence: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) ordinal: i64,
    pub(crate) id: String,
    pub(crate) transition_id: String,
    pub(crate) from_state: Option<String>,
    pub(crate) to_state: String,
    pub(crate) decision: String,
    pub(crate) approver: Option<String>,
    pub(crate) requested_by: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) timestamp: i64,
    pub(crate) gate: Option<String>,
    pub(crate) configuration_version: Option<i64>,
    pub(crate) configuration_hash: Option<String>,
    pub(crate) metadata: JsonText,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
