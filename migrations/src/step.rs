//! One migration: SQL up, SQL down.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// A migration as lists of SQL statements, one list an engine and direction.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The name, which is also the order: `mYYYYMMDD_NNNNNN_what`.
    pub(crate) name: &'static str,
    /// The statements that apply it.
    pub(crate) up: fn(DbBackend) -> Vec<String>,
    /// The statements that revert it.
    pub(crate) down: fn(DbBackend) -> Vec<String>,
}

/// A migration that was not run yet, with the SQL that it would run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The migration.
    pub name: String,
    /// Its statements, in order.
    pub statements: Vec<String>,
}

impl Step {
    pub(crate) fn planned_up(&self, backend: DbBackend) -> Planned {
        Planned { name: self.name.to_owned(), statements: (self.up)(backend) }
    }

    pub(crate) fn planned_down(&self, backend: DbBackend) -> Planned {
        Planned { name: self.name.to_owned(), statements: (self.down)(backend) }
    }
}

impl MigrationName for Step {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, (self.up)(manager.get_database_backend())).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, (self.down)(manager.get_database_backend())).await
    }
}

async fn run(manager: &SchemaManager<'_>, statements: Vec<String>) -> Result<(), DbErr> {
    for statement in statements {
        manager.get_connection().execute_unprepared(&statement).await?;
    }
    Ok(())
}
