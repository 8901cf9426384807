//! The lock that migrators take.

use crate::error::of_sea_orm;
use governance_persistence::{Error, Result};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

/// How long a migrator waits for another one, in seconds: a day.
const PATIENCE: u32 = 24 * 60 * 60;

/// Waits until no other migrator is at this database. The lock is the connection's, and goes when that
/// is closed; statements that end a transaction leave it. Its name holds that of the database, whose
/// length is within no limit of a lock's name; so it is a digest, as long as the 64 characters of a name allow. MySQL 9
/// has no function for a shorter one.
pub(crate) async fn lock_schema(db: &impl ConnectionTrait) -> Result<()> {
    let lock = format!("SELECT GET_LOCK(CONCAT('governance:', LEFT(SHA2(DATABASE(), 256), 53)), {PATIENCE}) AS locked");
    let locked = async || -> Result<Option<i64>, sea_orm::DbErr> {
        let row = db.query_one_raw(Statement::from_string(DbBackend::MySql, lock)).await?;
        row.map_or(Ok(None), |row| row.try_get("", "locked"))
    };
    match locked().await.map_err(|error| of_sea_orm("locking the schema", error))? {
        Some(1) => Ok(()),
        _ => Err(Error::not_applied("another migrator holds the schema, and does not end", None)),
    }
}
