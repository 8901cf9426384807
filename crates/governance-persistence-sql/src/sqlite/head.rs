//! The head's row inside the writer's transaction.

use super::session::Session;
use crate::codec::{self, scope};
use crate::entity::JsonText;
use crate::entity::experiment_state::Model;
use crate::error::of_rusqlite;
use governance_persistence::{ExperimentKey, Head, Result, StateChange, Timestamp, VersionNumber};
use rusqlite::{OptionalExtension, params};

/// The experiment's row, if it has one.
pub(super) fn find(session: &mut Session<'_>, key: &ExperimentKey) -> Result<Option<Model>> {
    let mut find = || {
        let statement = session.statement(
            "SELECT id, tenant, environment, name, sequence, latest_version, recorded_at, pruned_through, \
             etag, lifecycle_state, configuration_version, last_modified, last_modified_by, metadata \
             FROM experiment_states WHERE tenant = ?1 AND environment = ?2 AND name = ?3",
        )?;
        let (tenant, environment) = (scope(key.tenant()), scope(key.environment()));
        statement.query_row(params![tenant, environment, key.name()], model).optional()
    };
    find().map_err(|error| of_rusqlite("reading the head", error))
}

fn model(row: &rusqlite::Row<'_>) -> rusqlite::Result<Model> {
    Ok(Model {
        id: row.get(0)?,
        tenant: row.get(1)?,
        environment: row.get(2)?,
        name: row.get(3)?,
        sequence: row.get(4)?,
        latest_version: row.get(5)?,
        recorded_at: row.get(6)?,
        pruned_through: row.get(7)?,
        etag: row.get(8)?,
        lifecycle_state: row.get(9)?,
        configuration_version: row.get(10)?,
        last_modified: row.get(11)?,
        last_modified_by: row.get(12)?,
        metadata: row.get::<_, Option<String>>(13)?.map(JsonText),
    })
}

/// The row as the head it means.
pub(super) fn decode(key: &ExperimentKey, row: Option<&Model>) -> Result<Head> {
    row.map_or_else(|| Ok(Head::empty(key.clone())), |row| codec::head(key, row))
}

/// What a commit makes of the head.
pub(super) struct Next<'a> {
    pub(super) sequence: i64,
    pub(super) recorded_at: Timestamp,
    pub(super) latest_version: Option<VersionNumber>,
    pub(super) commit_id: &'a str,
    pub(super) state: Option<&'a StateChange>,
}

/// Writes the head as the commit leaves it, and gives the experiment's id. The row is new, or
/// still at the sequence before.
pub(super) fn put(session: &mut Session<'_>, key: &ExperimentKey, row: Option<i64>, next: &Next<'_>) -> Result<i64> {
    let mut put = || match row {
        Some(id) => update(session, id, next),
        None => insert(session, key, next),
    };
    put().map_err(|error| of_rusqlite("writing the head", error))
}

fn insert(session: &mut Session<'_>, key: &ExperimentKey, next: &Next<'_>) -> rusqlite::Result<i64> {
    let statement = session.statement(
        "INSERT INTO experiment_states (tenant, environment, name, sequence, latest_version, recorded_at, \
         pruned_through, etag, lifecycle_state, configuration_version, last_modified, last_modified_by, metadata) \
         VALUES (?1, ?2, ?3, ?4, coalesce(?5, 0), ?6, 0, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?;
    let state = State::of(next);
    statement.insert(params![
        scope(key.tenant()),
        scope(key.environment()),
        key.name(),
        next.sequence,
        next.latest_version.map(codec::number),
        next.recorded_at.unix_micros(),
        state.etag,
        state.lifecycle_state,
        state.configuration_version,
        state.last_modified,
        state.last_modified_by,
        state.metadata,
    ])
}

fn update(session: &mut Session<'_>, id: i64, next: &Next<'_>) -> rusqlite::Result<i64> {
    let (sequence, recorded_at) = (next.sequence, next.recorded_at.unix_micros());
    let latest_version = next.latest_version.map(codec::number);
    // Only what changes is written: a row that keeps its state stays short.
    let changed = if next.state.is_some() {
        let state = State::of(next);
        let statement = session.statement(
            "UPDATE experiment_states SET sequence = ?2, recorded_at = ?3, \
             latest_version = coalesce(?4, latest_version), etag = ?5, lifecycle_state = ?6, \
             configuration_version = ?7, last_modified = ?8, last_modified_by = ?9, metadata = ?10 \
             WHERE id = ?1 AND sequence = ?2 - 1",
        )?;
        statement.execute(params![
            id,
            sequence,
            recorded_at,
            latest_version,
            state.etag,
            state.lifecycle_state,
            state.configuration_version,
            state.last_modified,
            state.last_modified_by,
            state.metadata,
        ])?
    } else {
        let statement = session.statement(
            "UPDATE experiment_states SET sequence = ?2, recorded_at = ?3, \
             latest_version = coalesce(?4, latest_version) WHERE id = ?1 AND sequence = ?2 - 1",
        )?;
        statement.execute(params![id, sequence, recorded_at, latest_version])?
    };
    // The write lock is held since the row was read, so nobody can have moved it.
    if changed == 1 { Ok(id) } else { Err(rusqlite::Error::StatementChangedRows(changed)) }
}

/// The columns of the current state, all NULL when the commit sets none.
#[derive(Default)]
struct State<'a> {
    etag: Option<&'a str>,
    lifecycle_state: Option<&'static str>,
    configuration_version: Option<i64>,
    last_modified: Option<i64>,
    last_modified_by: Option<&'a str>,
    metadata: Option<&'a str>,
}

impl<'a> State<'a> {
    fn of(next: &Next<'a>) -> Self {
        next.state.map_or_else(Self::default, |state| Self {
            etag: Some(next.commit_id),
            lifecycle_state: Some(state.lifecycle_state.as_str()),
            configuration_version: state.configuration_version.map(codec::number),
            last_modified: Some(state.last_modified.unix_micros()),
            last_modified_by: state.last_modified_by.as_deref(),
            metadata: Some(state.metadata.as_str()),
        })
    }
}
