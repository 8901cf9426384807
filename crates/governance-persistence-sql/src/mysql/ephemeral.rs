//! Ephemerals in MySQL, whose clock judges what has expired.

use super::literal::{Literal, list};
use crate::clock::MYSQL_NOW;
use crate::codec::scope;
use crate::error::class::Class;
use crate::error::mysql::classify;
use crate::error::of_sea_orm;
use crate::group::{Ephemerals, Place};
use crate::pool::{Failed, Pool};
use governance_persistence::{EphemeralId, EphemeralKind, Error, ExperimentKey, Json, Result, TimeToLive};
use sea_orm::{DbBackend, DbErr, Statement};
use sqlx::MySql;

/// How many that have expired go with one that comes.
const CLEANED: usize = 100;

/// How often a statement runs again when others were in the way.
const ATTEMPTS: u32 = 10;

/// Ephemerals on such a server.
#[derive(Debug)]
pub(crate) struct MysqlEphemerals;

impl Ephemerals for MysqlEphemerals {
    type Engine = MySql;

    async fn put(db: &Pool<MySql>, place: Place<'_>, value: &Json, time_to_live: TimeToLive) -> Result<()> {
        put(db, place, value, time_to_live).await
    }

    async fn remove(db: &Pool<MySql>, place: Place<'_>) -> Result<bool> {
        remove(db, place).await
    }
}

async fn put(db: &Pool<MySql>, (key, kind, id): Place<'_>, value: &Json, time_to_live: TimeToLive) -> Result<()> {
    let doing = "putting an ephemeral";
    clean(db).await.map_err(|error| of_sea_orm(doing, error))?;
    let parts = parts(key, kind, id);
    let mut sql = format!(
        "INSERT INTO governance_ephemerals (place, tenant, environment, name, kind, id, value, expires_at) VALUES ({}, ",
        place(&parts)
    );
    let [tenant, environment, name, kind, id] = &parts;
    list(&mut sql, &[tenant, environment, name, kind, id, &value.as_str()]);
    let micros = i64::try_from(time_to_live.get().as_micros()).unwrap_or(i64::MAX);
    sql.push_str(&format!(
        ", {MYSQL_NOW} + {micros}) ON DUPLICATE KEY UPDATE value = VALUES(value), expires_at = VALUES(expires_at)"
    ));
    run(db, doing, &sql).await.map(drop)
}

/// What expired goes with the next that comes, so the table stays small. It is looked for without a
/// lock; when somebody else is at it, it is left to the next.
async fn clean(db: &Pool<MySql>) -> Result<(), DbErr> {
    let expired = format!(
        "SELECT place FROM governance_ephemerals WHERE expires_at <= {MYSQL_NOW} ORDER BY expires_at LIMIT {CLEANED}"
    );
    let rows = db.rows(Statement::from_string(DbBackend::MySql, expired)).await?;
    let mut places = rows.iter().map(|row| row.try_get("", "place")).collect::<Result<Vec<String>, _>>()?;
    if places.is_empty() {
        return Ok(());
    }
    // Two that clean meet in the same order.
    places.sort();
    let mut delete = format!("DELETE FROM governance_ephemerals WHERE expires_at <= {MYSQL_NOW} AND place IN (");
    list(&mut delete, &places.iter().map(|place| place as &dyn Literal).collect::<Vec<_>>());
    delete.push(')');
    match db.run(&delete).await {
        Err(Failed::Asked(sqlx::Error::Database(_))) | Ok(_) => Ok(()),
        Err(failed) => Err(failed.into()),
    }
}

/// What has expired is no longer there, whether its row is or not.
async fn remove(db: &Pool<MySql>, (key, kind, id): Place<'_>) -> Result<bool> {
    let place = place(&parts(key, kind, id));
    let sql = format!("DELETE FROM governance_ephemerals WHERE place = {place} AND expires_at > {MYSQL_NOW}");
    Ok(run(db, "removing an ephemeral", &sql).await? > 0)
}

/// Runs a statement, again and again when others are in the way. Tells how many rows it changed.
async fn run(db: &Pool<MySql>, doing: &str, sql: &str) -> Result<u64> {
    for _ in 0..ATTEMPTS {
        match db.run(sql).await {
            Ok(done) => return Ok(done.rows_affected()),
            Err(Failed::NoConnection(error)) => return Err(classify(doing, error).not_applied()),
            Err(Failed::Asked(error)) => match classify(doing, error) {
                Class::Again(_) | Class::Held(_) => tokio::task::yield_now().await,
                Class::Lost(error) => return Err(error),
                other => return Err(other.not_applied()),
            },
        }
    }
    Err(Error::not_applied(format!("{doing}: others were in the way time and again"), None))
}

fn parts<'a>(key: &'a ExperimentKey, kind: &'a EphemeralKind, id: &'a EphemeralId) -> [&'a str; 5] {
    [scope(key.tenant()), scope(key.environment()), key.name(), kind.as_str(), id.as_str()]
}

/// The key of a row: a digest of what names it, with a line feed in between, which no part can hold.
fn place([tenant, environment, name, kind, id]: &[&str; 5]) -> String {
    let mut sql = String::from("SHA2(CONCAT_WS(_utf8mb4 x'0a', ");
    list(&mut sql, &[tenant, environment, name, kind, id]);
    sql.push_str("), 256)");
    sql
}
