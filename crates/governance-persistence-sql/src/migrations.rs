//! The schema of one database: which migrations it has, and how to apply or revert them.

use crate::error::of_sea_orm;
use crate::{Provider, SqlOptions};
use governance_migrations::sea_orm_migration::{IntoSchemaManagerConnection, MigratorTrait, SchemaManager};
use governance_migrations::{MIGRATION_TABLE, Migrator, Planned};
use governance_persistence::{Error, Result, Timestamp};
use sea_orm::sea_query::Query;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use std::collections::BTreeMap;

/// The schema of one database.
///
/// Migrators may run at the same time, in any number of processes: they take turns, and each
/// migration is applied once. A migrator that is killed leaves the schema as it was.
#[derive(Debug)]
pub struct Migrations {
    db: DatabaseConnection,
}

/// A migration, and whether the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MigrationStatus {
    /// Its name.
    pub name: String,
    /// Was it applied?
    pub applied: bool,
    /// When, if it was; to the second.
    pub applied_at: Option<Timestamp>,
    /// Does this program know it? If not, a newer one applied it.
    pub known: bool,
}

impl Migrations {
    /// Opens the database, whatever its schema; creates an SQLite file when absent.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when the URL names no usable file; [`Error::Unavailable`] when it
    /// cannot be opened.
    pub async fn connect(options: &SqlOptions) -> Result<Self> {
        let db = match options.provider() {
            Provider::Sqlite => crate::sqlite::connect_to_migrate(options).await?,
        };
        Ok(Self { db })
    }

    /// Applies the migrations that are missing, at most `steps` of them, all or none. Tells which.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] when the database was migrated by a newer program.
    pub async fn up(&self, steps: Option<u32>) -> Result<Vec<String>> {
        let transaction = self.begin().await?;
        let names = names(plan_up(&known_status(&transaction).await?, steps, &self.db));
        let migrated = Migrator::up(&transaction, Some(count(&names))).await;
        migrated.map_err(|error| of_sea_orm("migrating", error))?;
        transaction.commit().await.map_err(|error| of_sea_orm("migrating", error))?;
        Ok(names)
    }

    /// Reverts the last `steps` migrations, all or none, **and the data that they hold**. Tells
    /// which.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] when the database was migrated by a newer program.
    pub async fn down(&self, steps: u32) -> Result<Vec<String>> {
        let transaction = self.begin().await?;
        let names = names(plan_down(&known_status(&transaction).await?, steps, &self.db));
        let reverted = Migrator::down(&transaction, Some(count(&names))).await;
        reverted.map_err(|error| of_sea_orm("reverting migrations", error))?;
        transaction.commit().await.map_err(|error| of_sea_orm("reverting migrations", error))?;
        Ok(names)
    }

    /// All migrations, in order, those of a newer program included.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] when the database does not answer.
    pub async fn status(&self) -> Result<Vec<MigrationStatus>> {
        status(&self.db).await
    }

    /// What [`up`](Self::up) would run.
    ///
    /// # Errors
    ///
    /// As [`up`](Self::up).
    pub async fn plan_up(&self, steps: Option<u32>) -> Result<Vec<Planned>> {
        Ok(plan_up(&known_status(&self.db).await?, steps, &self.db))
    }

    /// What [`down`](Self::down) would run.
    ///
    /// # Errors
    ///
    /// As [`down`](Self::down).
    pub async fn plan_down(&self, steps: u32) -> Result<Vec<Planned>> {
        Ok(plan_down(&known_status(&self.db).await?, steps, &self.db))
    }

    /// Lets go of the database.
    ///
    /// # Errors
    ///
    /// [`Error::Backend`] when the driver fails to close.
    pub async fn close(self) -> Result<()> {
        self.db.close().await.map_err(|error| of_sea_orm("closing the connection", error))
    }

    /// sea-orm-migration takes no lock. On SQLite the write lock is held from the first look on.
    async fn begin(&self) -> Result<DatabaseTransaction> {
        let immediate = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.db.begin_with_options(immediate).await.map_err(|error| of_sea_orm("locking the schema", error))
    }
}

/// Refuses a schema that is not just the one this program was made for.
pub(crate) async fn check_up_to_date(db: &DatabaseConnection) -> Result<()> {
    let pending = known_status(db).await?.iter().filter(|migration| !migration.applied).count();
    if pending == 0 {
        return Ok(());
    }
    Err(not_migrated(&format!("it lacks {pending} of the migrations")))
}

pub(crate) fn not_migrated(problem: &str) -> Error {
    Error::Unsupported {
        what: "the schema of this database".into(),
        why: format!("{problem}; run `governance migrate up`, or set `migrate: onConnect`").into(),
    }
}

async fn status<C>(db: &C) -> Result<Vec<MigrationStatus>>
where
    C: ConnectionTrait,
    for<'c> &'c C: IntoSchemaManagerConnection<'c>,
{
    let mut applied = applied(db).await.map_err(|error| of_sea_orm("reading the migrations", error))?;
    let known = Migrator::planned_up(db.get_database_backend()).into_iter().map(|planned| planned.name);
    let mut all: Vec<_> = known.map(|name| describe(applied.remove(&name), name, true)).collect();
    all.extend(applied.into_iter().map(|(name, at)| describe(Some(at), name, false)));
    Ok(all)
}

/// The names in the migration table, each with its Unix time. Nothing is written: not even the
/// table, when there is none.
async fn applied<C>(db: &C) -> Result<BTreeMap<String, i64>, DbErr>
where
    C: ConnectionTrait,
    for<'c> &'c C: IntoSchemaManagerConnection<'c>,
{
    if !SchemaManager::new(db).has_table(MIGRATION_TABLE).await? {
        return Ok(BTreeMap::new());
    }
    let columns = ["version", "applied_at"];
    let select = Query::select().columns(columns).from(MIGRATION_TABLE).take();
    let rows = db.query_all(&select).await?;
    rows.iter().map(|row| Ok((row.try_get("", columns[0])?, row.try_get("", columns[1])?))).collect()
}

fn describe(at: Option<i64>, name: String, known: bool) -> MigrationStatus {
    let applied_at = at.and_then(|seconds| Timestamp::from_unix_micros(seconds.saturating_mul(1_000_000)).ok());
    MigrationStatus { name, applied: at.is_some(), applied_at, known }
}

/// The status, if all that was applied is known here.
async fn known_status<C>(db: &C) -> Result<Vec<MigrationStatus>>
where
    C: ConnectionTrait,
    for<'c> &'c C: IntoSchemaManagerConnection<'c>,
{
    let all = status(db).await?;
    let unknown = all.iter().find(|migration| !migration.known);
    unknown.map_or(Ok(()), |newer| {
        Err(Error::Unsupported {
            what: "the schema of this database".into(),
            why: format!("a newer version of this program applied {} to it; use that version", newer.name).into(),
        })
    })?;
    Ok(all)
}

fn plan_up(all: &[MigrationStatus], steps: Option<u32>, db: &DatabaseConnection) -> Vec<Planned> {
    let pending = Migrator::planned_up(db.get_database_backend()).into_iter();
    let pending = pending.filter(|planned| !is_applied(all, planned));
    pending.take(steps.map_or(usize::MAX, |steps| steps as usize)).collect()
}

fn plan_down(all: &[MigrationStatus], steps: u32, db: &DatabaseConnection) -> Vec<Planned> {
    let applied = Migrator::planned_down(db.get_database_backend()).into_iter();
    applied.filter(|planned| is_applied(all, planned)).take(steps as usize).collect()
}

fn is_applied(all: &[MigrationStatus], planned: &Planned) -> bool {
    all.iter().any(|migration| migration.applied && migration.name == planned.name)
}

fn names(planned: Vec<Planned>) -> Vec<String> {
    planned.into_iter().map(|planned| planned.name).collect()
}

fn count(names: &[String]) -> u32 {
    u32::try_from(names.len()).unwrap_or(u32::MAX)
}
