//! Ephemerals in PostgreSQL, whose clock judges what has expired.

use crate::clock::POSTGRES_NOW;
use crate::codec::scope;
use crate::error::of_writing;
use crate::group::{Ephemerals, Place};
use crate::pool::Pool;
use governance_persistence::{EphemeralId, EphemeralKind, ExperimentKey, Json, Result, TimeToLive};
use sea_orm::{DbBackend, DbErr, Statement, Value};
use sqlx::Postgres;

/// How many that have expired go with one that comes.
const CLEANED: usize = 100;

/// Ephemerals on such a server.
#[derive(Debug)]
pub(crate) struct PostgresEphemerals;

impl Ephemerals for PostgresEphemerals {
    type Engine = Postgres;

    async fn put(db: &Pool<Postgres>, place: Place<'_>, value: &Json, time_to_live: TimeToLive) -> Result<()> {
        put(db, place, value, time_to_live).await
    }

    async fn remove(db: &Pool<Postgres>, place: Place<'_>) -> Result<bool> {
        remove(db, place).await
    }
}

async fn put(db: &Pool<Postgres>, (key, kind, id): Place<'_>, value: &Json, time_to_live: TimeToLive) -> Result<()> {
    let micros = i64::try_from(time_to_live.get().as_micros()).unwrap_or(i64::MAX);
    let put = async || -> Result<(), DbErr> {
        // What expired goes with the next that comes, so the table stays small. What somebody else
        // is writing is not waited for.
        let clean = format!(
            "DELETE FROM governance_ephemerals WHERE ctid = ANY (ARRAY(SELECT ctid FROM governance_ephemerals \
             WHERE expires_at <= {POSTGRES_NOW} ORDER BY expires_at LIMIT {CLEANED} FOR UPDATE SKIP LOCKED))"
        );
        db.run(&clean).await?;
        let put = format!(
            "INSERT INTO governance_ephemerals (tenant, environment, name, kind, id, value, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6::text::json, {POSTGRES_NOW} + $7) \
             ON CONFLICT (tenant, environment, name, kind, id) \
             DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at"
        );
        let values = place(key, kind, id).into_iter().chain([Value::from(value.as_str()), Value::from(micros)]);
        db.execute(Statement::from_sql_and_values(DbBackend::Postgres, put, values)).await?;
        Ok(())
    };
    put().await.map_err(|error| of_writing("putting an ephemeral", error))
}

async fn remove(db: &Pool<Postgres>, (key, kind, id): Place<'_>) -> Result<bool> {
    let remove = format!(
        "DELETE FROM governance_ephemerals WHERE tenant = $1 AND environment = $2 AND name = $3 AND kind = $4 \
         AND id = $5 RETURNING expires_at > {POSTGRES_NOW} AS alive"
    );
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, remove, place(key, kind, id));
    let removed = async || -> Result<bool, DbErr> {
        let row = db.rows(statement).await?.into_iter().next();
        row.map_or(Ok(false), |row| row.try_get("", "alive"))
    };
    removed().await.map_err(|error| of_writing("removing an ephemeral", error))
}

fn place(key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> [Value; 5] {
    [scope(key.tenant()), scope(key.environment()), key.name(), kind.as_str(), id.as_str()].map(Value::from)
}
