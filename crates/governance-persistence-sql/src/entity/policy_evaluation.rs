//! The table `policy_evaluations`: how the policies judged.

use super::JsonText;
use sea_orm::entity::prelude::*;

/// A row of `policy_evaluations`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy_evaluations")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) experiment_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) sequence: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) ordinal: i64,
    pub(crate) id: String,
    pub(crate) policy: String,
    pub(crate) compliant: bool,
    pub(crate) reason: Option<String>,
    pub(crate) severity: String,
    pub(crate) timestamp: i64,
    pub(crate) current_state: Option<String>,
    pub(crate) target_state: Option<String>,
    pub(crate) metadata: JsonText,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
