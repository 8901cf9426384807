//! The SQL schema of experiment governance, as migrations that can show their SQL.
//!
//! A migration here is a list of SQL statements for each engine, so that it can be shown before
//! it is run; [`Migrator`] makes sea-orm migrations of them. It keeps its own table,
//! `governance_migrations`, so that it can share a database with other migrators.

mod dialect;
mod m20261120_000001_governance;
mod step;
mod triggers;
mod view;

pub use sea_orm_migration;
pub use step::{Planned, Step};

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// All migrations of the governance schema, in order.
#[derive(Debug)]
pub struct Migrator;

/// The table that keeps which migrations were applied.
pub const MIGRATION_TABLE: &str = "governance_migrations";

/// All steps, in order. New ones go to the end; a released one never changes.
fn steps() -> Vec<Step> {
    vec![m20261120_000001_governance::STEP]
}

impl Migrator {
    /// What applying these migrations would run on this engine, in order.
    pub fn planned_up(backend: DbBackend) -> Vec<Planned> {
        steps().iter().map(|step| step.planned_up(backend)).collect()
    }

    /// What reverting these migrations would run on this engine, the last one first.
    pub fn planned_down(backend: DbBackend) -> Vec<Planned> {
        steps().iter().rev().map(|step| step.planned_down(backend)).collect()
    }
}

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        steps().into_iter().map(|step| Box::new(step) as Box<dyn MigrationTrait>).collect()
    }

    fn migration_table_name() -> DynIden {
        Alias::new(MIGRATION_TABLE).into_iden()
    }
}
