//! The head's row inside the writer's transaction.

use crate::codec::{self, scope};
use crate::entity::experiment_state::Model;
use crate::error::of_rusqlite;
use governance_persistence::{Commit, CommitId, ExperimentKey, Head, Result, StateChange, Timestamp, VersionNumber};
use rusqlite::{Connection, OptionalExtension, named_params, params};

/// The experiment's row, if it has one.
pub(super) fn find(connection: &Connection, key: &ExperimentKey) -> Result<Option<Model>> {
    let find = || {
        let mut statement = connection.prepare_cached(
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
        metadata: row.get(13)?,
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
    pub(super) commit_id: CommitId,
    pub(super) state: Option<&'a StateChange>,
}

impl<'a> Next<'a> {
    pub(super) fn of(commit: &'a Commit, sequence: i64, recorded_at: Timestamp) -> Self {
        Self {
            sequence,
            recorded_at,
            latest_version: commit.version_range().map(|(_, last)| last),
            commit_id: commit.id(),
            state: commit.state(),
        }
    }
}

/// Writes the head as the commit leaves it, and gives the experiment's id. The row is new, or
/// still at the sequence before.
pub(super) fn put(connection: &Connection, key: &ExperimentKey, row: Option<i64>, next: &Next<'_>) -> Result<i64> {
    let put = || match row {
        Some(id) => update(connection, id, next),
        None => insert(connection, key, next),
    };
    put().map_err(|error| of_rusqlite("writing the head", error))
}

fn insert(connection: &Connection, key: &ExperimentKey, next: &Next<'_>) -> rusqlite::Result<i64> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO experiment_states (tenant, environment, name, sequence, latest_version, recorded_at, \
         pruned_through, etag, lifecycle_state, configuration_version, last_modified, last_modified_by, metadata) \
         VALUES (:tenant, :environment, :name, :sequence, coalesce(:latest_version, 0), :recorded_at, \
         0, :etag, :lifecycle_state, :configuration_version, :last_modified, :last_modified_by, :metadata)",
    )?;
    let state = State::of(next);
    statement.insert(named_params! {
        ":tenant": scope(key.tenant()),
        ":environment": scope(key.environment()),
        ":name": key.name(),
        ":sequence": next.sequence,
        ":latest_version": next.latest_version.map(codec::number),
        ":recorded_at": next.recorded_at.unix_micros(),
        ":etag": state.etag,
        ":lifecycle_state": state.lifecycle_state,
        ":configuration_version": state.configuration_version,
        ":last_modified": state.last_modified,
        ":last_modified_by": state.last_modified_by,
        ":metadata": state.metadata,
    })
}

fn update(connection: &Connection, id: i64, next: &Next<'_>) -> rusqlite::Result<i64> {
    // Only what changes is written: a row that keeps its state stays short.
    let sql = if next.state.is_some() {
        "UPDATE experiment_states SET sequence = :sequence, recorded_at = :recorded_at, \
         latest_version = coalesce(:latest_version, latest_version), etag = :etag, \
         lifecycle_state = :lifecycle_state, configuration_version = :configuration_version, \
         last_modified = :last_modified, last_modified_by = :last_modified_by, metadata = :metadata \
         WHERE id = :id AND sequence = :sequence - 1"
    } else {
        "UPDATE experiment_states SET sequence = :sequence, recorded_at = :recorded_at, \
         latest_version = coalesce(:latest_version, latest_version) WHERE id = :id AND sequence = :sequence - 1"
    };
    let mut statement = connection.prepare_cached(sql)?;
    let latest_version = next.latest_version.map(codec::number);
    let recorded_at = next.recorded_at.unix_micros();
    let changed = if next.state.is_some() {
        let state = State::of(next);
        statement.execute(named_params! {
            ":id": id,
            ":sequence": next.sequence,
            ":latest_version": latest_version,
            ":recorded_at": recorded_at,
            ":etag": state.etag,
            ":lifecycle_state": state.lifecycle_state,
            ":configuration_version": state.configuration_version,
            ":last_modified": state.last_modified,
            ":last_modified_by": state.last_modified_by,
            ":metadata": state.metadata,
        })?
    } else {
        statement.execute(named_params! {
            ":id": id,
            ":sequence": next.sequence,
            ":latest_version": latest_version,
            ":recorded_at": recorded_at,
        })?
    };
    // The write lock is held since the row was read, so nobody can have moved it.
    if changed == 1 { Ok(id) } else { Err(rusqlite::Error::StatementChangedRows(changed)) }
}

/// The columns of the current state, all NULL when the commit sets none.
#[derive(Default)]
struct State<'a> {
    etag: Option<String>,
    lifecycle_state: Option<&'static str>,
    configuration_version: Option<i64>,
    last_modified: Option<i64>,
    last_modified_by: Option<&'a str>,
    metadata: Option<&'a str>,
}

impl<'a> State<'a> {
    fn of(next: &Next<'a>) -> Self {
        next.state.map_or_else(Self::default, |state| Self {
            etag: Some(next.commit_id.to_string()),
            lifecycle_state: Some(state.lifecycle_state.as_str()),
            configuration_version: state.configuration_version.map(codec::number),
            last_modified: Some(state.last_modified.unix_micros()),
            last_modified_by: state.last_modified_by.as_deref(),
            metadata: Some(state.metadata.as_str()),
        })
    }
}
