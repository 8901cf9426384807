//! One look at all that the order of answers needs.

use super::heads::{is_key, not_decoded};
use super::literal::{Literal, equals, list};
use crate::codec;
use crate::entity::experiment_state;
use crate::group::{Job, Look};
use crate::seen::Seen;
use governance_persistence::{CommitId, Error, ExperimentKey, Head, RecordId, RecordKind, Result};
use sea_orm::{FromQueryResult, QueryResult};
use sqlx::Row;
use sqlx::mysql::MySqlRow;
use std::collections::BTreeMap;

/// In one statement, so that all of it is true at one moment.
pub(super) fn query(job: &Job) -> String {
    let mut sql = String::from(
        "SELECT h.*,\n  \
         g.commit_id AS g_id, g.sequence AS g_sequence, g.fingerprint AS g_fingerprint, g.recorded_at AS g_recorded_at,\n  \
         a.commit_id AS a_id, a.sequence AS a_sequence, a.fingerprint AS a_fingerprint, a.recorded_at AS a_recorded_at",
    );
    for kind in RecordKind::ALL {
        records(&mut sql, kind, job);
    }
    sql.push_str("\nFROM (SELECT 1 AS one) AS one\nLEFT JOIN experiment_states h ON ");
    is_key(&mut sql, "h.", job.key());
    sql.push_str("\nLEFT JOIN governance_commits g ON g.experiment_id = h.id AND ");
    equals(&mut sql, "g.commit_id", &job.texts().commit_id);
    sql.push_str("\nLEFT JOIN governance_commits a ON a.experiment_id = h.id AND ");
    equals(&mut sql, "a.sequence", &job.sequence().map(codec::count));
    sql
}

/// Where the job's records of a kind are, as one text. The sessions that write leave room for it.
fn records(sql: &mut String, kind: RecordKind, job: &Job) {
    let records = job.records().iter().zip(&job.texts().records).filter(|(record, _)| record.kind() == kind);
    let ids: Vec<&dyn Literal> = records.map(|(_, texts)| &texts.id as &dyn Literal).collect();
    if ids.is_empty() {
        return;
    }
    let table = match kind {
        RecordKind::Transition => "state_transitions",
        RecordKind::Approval => "approval_records",
        RecordKind::Version => "configuration_versions",
        RecordKind::Definition => "policy_definitions",
        RecordKind::Evaluation => "policy_evaluations",
    };
    sql.push_str(&format!(
        ",\n  (SELECT GROUP_CONCAT(r.sequence, ' ', r.id) FROM {table} r FORCE INDEX ({table}_by_id)\n    \
         WHERE r.experiment_id = h.id AND r.id IN ("
    ));
    list(sql, &ids);
    sql.push_str(&format!(")) AS {}", column(kind)));
}

/// A name that no column of the head has.
fn column(kind: RecordKind) -> String {
    format!("found_{}", kind.as_str())
}

pub(super) fn decode(job: &Job, row: Option<MySqlRow>) -> Result<Look> {
    let row = row.ok_or_else(|| not_decoded(sqlx::Error::RowNotFound))?;
    let key = job.key();
    let mut records = BTreeMap::new();
    for kind in RecordKind::ALL {
        if job.records().iter().all(|record| record.kind() != kind) {
            continue;
        }
        let found: Option<String> = row.try_get(column(kind).as_str()).map_err(not_decoded)?;
        for found in found.iter().flat_map(|found| found.split(',')) {
            let (sequence, id) = found.split_once(' ').unwrap_or_default();
            let sequence: i64 = sequence.parse().unwrap_or_default();
            let id: RecordId = codec::exact(id)?;
            records.insert((kind, id), codec::sequence(key, sequence)?);
        }
    }
    let commit = seen(key, &row, ["g_id", "g_sequence", "g_fingerprint", "g_recorded_at"])?.map(|(_, seen)| seen);
    let at_sequence = seen(key, &row, ["a_id", "a_sequence", "a_fingerprint", "a_recorded_at"])?;
    let there: Option<i64> = row.try_get("id").map_err(not_decoded)?;
    let head = if there.is_some() {
        let row = experiment_state::Model::from_query_result(&QueryResult::from(row), "");
        codec::head(key, &row.map_err(|error| crate::error::of_sea_orm("reading the head", error))?)?
    } else {
        Head::empty(key.clone())
    };
    Ok(Look { head, commit, at_sequence, records })
}

/// A commit, if the join found one.
fn seen(
    key: &ExperimentKey,
    row: &MySqlRow,
    [id, sequence, fingerprint, recorded_at]: [&str; 4],
) -> Result<Option<(CommitId, Seen)>> {
    let Some(id) = row.try_get::<Option<String>, _>(id).map_err(not_decoded)? else {
        return Ok(None);
    };
    let (sequence, recorded_at) = (row.try_get(sequence), row.try_get(recorded_at));
    let (sequence, recorded_at) = (sequence.map_err(not_decoded)?, recorded_at.map_err(not_decoded)?);
    let fingerprint: String = row.try_get(fingerprint).map_err(not_decoded)?;
    let seen = Seen::decode(key, sequence, &fingerprint, recorded_at)?;
    let id = codec::exact(&id).map_err(|error: Error| codec::corrupt(key, seen.sequence, "the commit", &error))?;
    Ok(Some((id, seen)))
}
