//! Ephemerals in SQLite, whose clock judges what has expired.

use super::Queue;
use crate::clock::SQLITE_NOW;
use crate::codec::scope;
use crate::error::of_rusqlite;
use governance_persistence::{EphemeralId, EphemeralKind, ExperimentKey, Json, Result, TimeToLive};
use rusqlite::{Connection, OptionalExtension, params};

impl Queue {
    pub(crate) async fn put(
        &self,
        key: &ExperimentKey,
        kind: &EphemeralKind,
        id: &EphemeralId,
        value: &Json,
        time_to_live: TimeToLive,
    ) -> Result<()> {
        let (key, kind, id, value) = (key.clone(), kind.clone(), id.clone(), value.clone());
        let micros = i64::try_from(time_to_live.get().as_micros()).unwrap_or(i64::MAX);
        self.write(move |session, _| {
            let connection = session.connection();
            let put = || {
                // What expired goes with the next that comes, so the table stays small.
                let clean = format!("DELETE FROM governance_ephemerals WHERE expires_at <= {SQLITE_NOW}");
                connection.prepare_cached(&clean)?.execute([])?;
                let put = format!(
                    "INSERT INTO governance_ephemerals (tenant, environment, name, kind, id, value, expires_at) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, {SQLITE_NOW} + ?7) \
                     ON CONFLICT DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at"
                );
                let (tenant, environment) = (scope(key.tenant()), scope(key.environment()));
                let place =
                    params![tenant, environment, key.name(), kind.as_str(), id.as_str(), value.as_str(), micros];
                connection.prepare_cached(&put)?.execute(place)
            };
            put().map(|_| ()).map_err(|error| of_rusqlite("putting an ephemeral", error))
        })
        .await
    }

    pub(crate) async fn remove(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<bool> {
        let (key, kind, id) = (key.clone(), kind.clone(), id.clone());
        self.write(move |session, _| {
            let connection = session.connection();
            remove(connection, &key, &kind, &id).map_err(|error| of_rusqlite("removing an ephemeral", error))
        })
        .await
    }
}

fn remove(
    connection: &Connection,
    key: &ExperimentKey,
    kind: &EphemeralKind,
    id: &EphemeralId,
) -> rusqlite::Result<bool> {
    let sql = format!(
        "DELETE FROM governance_ephemerals WHERE tenant = ?1 AND environment = ?2 AND name = ?3 AND kind = ?4 \
         AND id = ?5 RETURNING expires_at > {SQLITE_NOW}"
    );
    let (tenant, environment) = (scope(key.tenant()), scope(key.environment()));
    let mut statement = connection.prepare_cached(&sql)?;
    let place = params![tenant, environment, key.name(), kind.as_str(), id.as_str()];
    Ok(statement.query_row(place, |row| row.get(0)).optional()?.unwrap_or(false))
}
