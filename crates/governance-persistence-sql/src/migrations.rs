//! The schema of one database: which migrations it has, and how to apply or revert them.

use crate::error::of_sea_orm;
#[cfg(any(feature = "mysql", feature = "postgres"))]
use crate::group::Limits;
#[cfg(feature = "mysql")]
use crate::mysql;
#[cfg(feature = "postgres")]
use crate::postgres;
#[cfg(feature = "sqlite")]
use crate::sqlite;
use crate::{Provider, SqlOptions};
use governance_migrations::sea_orm_migration::MigratorTrait;
use governance_migrations::{MIGRATION_TABLE, Migrator, Planned};
use governance_persistence::{Error, Result, Timestamp};
use sea_orm::sea_query::Query;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};
use std::collections::BTreeMap;
use std::time::Duration;

/// The advisory lock that migrators take on a PostgreSQL database: any number that is ours.
const POSTGRES_LOCK: i64 = 0x676f_7665_726e_616e;

/// The schema of one database.
///
/// Migrators may run at the same time, in any number of processes: they take turns, and each
/// migration is applied once. A migrator that is killed leaves the schema as it was; on MySQL, which
/// ends a transaction with each statement of a schema, half of it, and the next one finishes it.
#[derive(Debug)]
pub struct Migrations {
    options: SqlOptions,
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
    /// The schema of this database, whatever it is. Nothing is created before [`up`](Self::up).
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when the URL names no usable file; [`Error::Unavailable`] when it
    /// cannot be opened.
    pub async fn connect(options: &SqlOptions) -> Result<Self> {
        let migrations = Self { options: options.clone() };
        migrations.status().await?;
        Ok(migrations)
    }

    /// The engine of the database.
    pub fn provider(&self) -> Provider {
        self.options.provider()
    }

    /// Applies the migrations that are missing, at most `steps` of them, all or none. Tells which.
    /// Creates an SQLite file when absent.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] when the database was migrated by a newer program.
    pub async fn up(&self, steps: Option<u32>) -> Result<Vec<String>> {
        self.migrate(async |transaction| {
            let names = names(plan_up(self.backend(), &known(status(transaction).await?)?, steps));
            let migrated = Migrator::up(transaction, Some(count(&names))).await;
            migrated.map_err(|error| of_sea_orm("migrating", error))?;
            Ok(names)
        })
        .await
    }

    /// Reverts the last `steps` migrations, all or none, **and the data that they hold**. Tells
    /// which.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] when the database was migrated by a newer program.
    pub async fn down(&self, steps: u32) -> Result<Vec<String>> {
        if self.plan_down(steps).await?.is_empty() {
            return Ok(Vec::new());
        }
        self.migrate(async |transaction| {
            let names = names(plan_down(self.backend(), &known(status(transaction).await?)?, steps));
            let reverted = Migrator::down(transaction, Some(count(&names))).await;
            reverted.map_err(|error| of_sea_orm("reverting migrations", error))?;
            Ok(names)
        })
        .await
    }

    /// All migrations, in order, those of a newer program included.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] when the database does not answer.
    pub async fn status(&self) -> Result<Vec<MigrationStatus>> {
        let backend = self.backend();
        let Some(db) = self.connect_to_read().await? else {
            return Ok(describe_all(backend, BTreeMap::new()));
        };
        let Some(found) = within(self.limit(), status(&db)).await else {
            // Its one connection waits, so it is not waited for.
            return Err(Error::not_applied("reading the migrations: no answer within statementTimeout", None));
        };
        db.close().await.map_err(|error| of_sea_orm("closing the connection", error))?;
        found
    }

    /// What [`up`](Self::up) would run.
    ///
    /// # Errors
    ///
    /// As [`up`](Self::up).
    pub async fn plan_up(&self, steps: Option<u32>) -> Result<Vec<Planned>> {
        Ok(plan_up(self.backend(), &known(self.status().await?)?, steps))
    }

    /// What [`down`](Self::down) would run.
    ///
    /// # Errors
    ///
    /// As [`down`](Self::down).
    pub async fn plan_down(&self, steps: u32) -> Result<Vec<Planned>> {
        Ok(plan_down(self.backend(), &known(self.status().await?)?, steps))
    }

    /// sea-orm-migration takes no lock. On SQLite the write lock is held from the first look on, on
    /// PostgreSQL an advisory lock, until the one transaction ends in which all is done. On MySQL a
    /// named lock is held until the connection is closed.
    async fn migrate(&self, run: impl AsyncFnOnce(&DatabaseTransaction) -> Result<Vec<String>>) -> Result<Vec<String>> {
        let immediate = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let db = self.connect_to_migrate().await?;
        let migrated = async {
            let transaction = db.begin_with_options(immediate).await;
            let transaction = transaction.map_err(|error| of_sea_orm("locking the schema", error))?;
            if self.options.provider() == Provider::Postgres {
                let lock = format!("SELECT pg_advisory_xact_lock({POSTGRES_LOCK})");
                let locked = transaction.execute_unprepared(&lock).await;
                locked.map_err(|error| of_sea_orm("locking the schema", error))?;
            }
            #[cfg(feature = "mysql")]
            if self.options.provider() == Provider::Mysql {
                mysql::lock_schema(&transaction).await?;
            }
            let names = run(&transaction).await?;
            transaction.commit().await.map_err(|error| of_sea_orm("migrating", error))?;
            Ok(names)
        }
        .await;
        db.close().await.map_err(|error| of_sea_orm("closing the connection", error))?;
        migrated
    }

    /// How long a look at the schema may take. A file answers or fails by itself.
    fn limit(&self) -> Option<Duration> {
        match self.options.provider() {
            #[cfg(any(feature = "mysql", feature = "postgres"))]
            Provider::Mysql | Provider::Postgres => Some(Limits::of(&self.options).answer()),
            _ => None,
        }
    }

    fn backend(&self) -> DbBackend {
        self.provider().backend()
    }

    /// `None` when there is nothing to connect to yet: a file that does not exist.
    async fn connect_to_read(&self) -> Result<Option<DatabaseConnection>> {
        match self.options.provider() {
            #[cfg(feature = "sqlite")]
            Provider::Sqlite => sqlite::connect_to_read(&self.options).await,
            #[cfg(feature = "postgres")]
            Provider::Postgres => postgres::migrating(&self.options).await.map(Some),
            #[cfg(feature = "mysql")]
            Provider::Mysql => mysql::migrating(&self.options).await.map(Some),
            #[cfg(not(all(feature = "mysql", feature = "postgres", feature = "sqlite")))]
            other => Err(other.not_built()),
        }
    }

    async fn connect_to_migrate(&self) -> Result<DatabaseConnection> {
        match self.options.provider() {
            #[cfg(feature = "sqlite")]
            Provider::Sqlite => sqlite::connect_to_migrate(&self.options).await,
            #[cfg(feature = "postgres")]
            Provider::Postgres => postgres::migrating(&self.options).await,
            #[cfg(feature = "mysql")]
            Provider::Mysql => mysql::migrating(&self.options).await,
            #[cfg(not(all(feature = "mysql", feature = "postgres", feature = "sqlite")))]
            other => Err(other.not_built()),
        }
    }
}

/// What came of it, if it did in time.
async fn within<T>(limit: Option<Duration>, looking: impl Future<Output = T>) -> Option<T> {
    match limit {
        Some(limit) => tokio::time::timeout(limit, looking).await.ok(),
        None => Some(looking.await),
    }
}

/// As [`check_up_to_date`], of a server that may not answer.
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(crate) async fn check_up_to_date_within(limit: Duration, db: &impl ConnectionTrait) -> Result<()> {
    let late = || Err(Error::not_applied("reading the migrations: no answer within statementTimeout", None));
    within(Some(limit), check_up_to_date(db)).await.unwrap_or_else(late)
}

/// Refuses a schema that is not just the one this program was made for.
pub(crate) async fn check_up_to_date(db: &impl ConnectionTrait) -> Result<()> {
    let pending = known(status(db).await?)?.iter().filter(|migration| !migration.applied).count();
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

async fn status(db: &impl ConnectionTrait) -> Result<Vec<MigrationStatus>> {
    let applied = applied(db).await.map_err(|error| of_sea_orm("reading the migrations", error))?;
    Ok(describe_all(db.get_database_backend(), applied))
}

/// All migrations in order, given those that were applied.
fn describe_all(backend: DbBackend, mut applied: BTreeMap<String, i64>) -> Vec<MigrationStatus> {
    let known = Migrator::planned_up(backend).into_iter().map(|planned| planned.name);
    let mut all: Vec<_> = known.map(|name| describe(applied.remove(&name), name, true)).collect();
    all.extend(applied.into_iter().map(|(name, at)| describe(Some(at), name, false)));
    all
}

/// The names in the migration table, each with its Unix time. Nothing is written: not even the
/// table, when there is none.
async fn applied(db: &impl ConnectionTrait) -> Result<BTreeMap<String, i64>, DbErr> {
    if !has_table(db, MIGRATION_TABLE).await? {
        return Ok(BTreeMap::new());
    }
    let columns = ["version", "applied_at"];
    let select = Query::select().columns(columns).from(MIGRATION_TABLE).take();
    let rows = db.query_all(&select).await?;
    rows.iter().map(|row| Ok((row.try_get("", columns[0])?, row.try_get("", columns[1])?))).collect()
}

/// Is there a table of this name, where a query that says no more would look for it?
async fn has_table(db: &impl ConnectionTrait, name: &str) -> Result<bool, DbErr> {
    let backend = db.get_database_backend();
    let tables = match backend {
        DbBackend::MySql => "information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?",
        DbBackend::Postgres => "pg_catalog.pg_tables WHERE schemaname = current_schema() AND tablename = $1",
        _ => "sqlite_master WHERE type = 'table' AND name = ?",
    };
    let count = format!("SELECT count(*) AS found FROM {tables}");
    let row = db.query_one_raw(Statement::from_sql_and_values(backend, count, [name.into()])).await?;
    row.map_or(Ok(false), |row| Ok(row.try_get::<i64>("", "found")? > 0))
}

fn describe(at: Option<i64>, name: String, known: bool) -> MigrationStatus {
    let applied_at = at.and_then(|seconds| Timestamp::from_unix_micros(seconds.saturating_mul(1_000_000)).ok());
    MigrationStatus { name, applied: at.is_some(), applied_at, known }
}

/// The status, if all that was applied is known here.
fn known(all: Vec<MigrationStatus>) -> Result<Vec<MigrationStatus>> {
    match all.iter().find(|migration| !migration.known) {
        None => Ok(all),
        Some(newer) => Err(Error::Unsupported {
            what: "the schema of this database".into(),
            why: format!("a newer version of this program applied {} to it; use that version", newer.name).into(),
        }),
    }
}

fn plan_up(backend: DbBackend, all: &[MigrationStatus], steps: Option<u32>) -> Vec<Planned> {
    let pending = Migrator::planned_up(backend).into_iter().filter(|planned| !is_applied(all, planned));
    pending.take(steps.map_or(usize::MAX, |steps| steps as usize)).collect()
}

fn plan_down(backend: DbBackend, all: &[MigrationStatus], steps: u32) -> Vec<Planned> {
    let applied = Migrator::planned_down(backend).into_iter().filter(|planned| is_applied(all, planned));
    applied.take(steps as usize).collect()
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
