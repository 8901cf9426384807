//! One look at all that the order of answers needs.

use crate::codec::{self, scope};
use crate::entity::experiment_state;
use crate::group::{Job, Look};
use crate::seen::Seen;
use governance_persistence::{CommitId, Error, ExperimentKey, Head, RecordId, RecordKind, Result};
use sea_orm::{FromQueryResult, QueryResult};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{Postgres, Row};
use std::collections::BTreeMap;

/// In one statement, so that all of it is true at one moment.
const LOOK: &str = "\
SELECT h.*,
  g.commit_id AS g_id, g.sequence AS g_sequence, g.fingerprint AS g_fingerprint, g.recorded_at AS g_recorded_at,
  a.commit_id AS a_id, a.sequence AS a_sequence, a.fingerprint AS a_fingerprint, a.recorded_at AS a_recorded_at,
  ARRAY(SELECT r.sequence || ' ' || r.id FROM state_transitions r
    WHERE r.experiment_id = h.id AND r.id = ANY ($6::text[])) AS transition,
  ARRAY(SELECT r.sequence || ' ' || r.id FROM approval_records r
    WHERE r.experiment_id = h.id AND r.id = ANY ($7::text[])) AS approval,
  ARRAY(SELECT r.sequence || ' ' || r.id FROM configuration_versions r
    WHERE r.experiment_id = h.id AND r.id = ANY ($8::text[])) AS version,
  ARRAY(SELECT r.sequence || ' ' || r.id FROM policy_definitions r
    WHERE r.experiment_id = h.id AND r.id = ANY ($9::text[])) AS definition,
  ARRAY(SELECT r.sequence || ' ' || r.id FROM policy_evaluations r
    WHERE r.experiment_id = h.id AND r.id = ANY ($10::text[])) AS evaluation
FROM (VALUES (1)) AS one
LEFT JOIN experiment_states h ON h.tenant = $1 AND h.environment = $2 AND h.name = $3
LEFT JOIN governance_commits g ON g.experiment_id = h.id AND g.commit_id = $4
LEFT JOIN governance_commits a ON a.experiment_id = h.id AND a.sequence = $5";

pub(super) fn query(job: &Job) -> Query<'static, Postgres, PgArguments> {
    let key = job.key();
    let mut query = sqlx::query(LOOK)
        .bind(scope(key.tenant()).to_owned())
        .bind(scope(key.environment()).to_owned())
        .bind(key.name().to_owned())
        .bind(job.texts().commit_id.clone())
        .bind(job.sequence().map(codec::count));
    for kind in RecordKind::ALL {
        let records = job.records().iter().zip(&job.texts().records).filter(|(record, _)| record.kind() == kind);
        query = query.bind(records.map(|(_, texts)| texts.id.clone()).collect::<Vec<_>>());
    }
    query
}

pub(super) fn decode(job: &Job, row: PgRow) -> Result<Look> {
    let key = job.key();
    let mut records = BTreeMap::new();
    for kind in RecordKind::ALL {
        for found in row.try_get::<Vec<String>, _>(kind.as_str()).map_err(not_decoded)? {
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
    row: &PgRow,
    [id, sequence, fingerprint, recorded_at]: [&str; 4],
) -> Result<Option<(CommitId, Seen)>> {
    let Some(id) = row.try_get::<Option<String>, _>(id).map_err(not_decoded)? else {
        return Ok(None);
    };
    let (sequence, recorded_at) = (row.try_get(sequence), row.try_get(recorded_at));
    let (sequence, recorded_at) = (sequence.map_err(not_decoded)?, recorded_at.map_err(not_decoded)?);
    let fingerprint: String = row.try_get(fingerprint).map_err(not_decoded)?;
    let seen = Seen::decode(key, sequence, &fingerprint, recorded_at)?;
    let id = codec::exact(&id).map_err(|error| codec::corrupt(key, seen.sequence, "the commit", &error))?;
    Ok(Some((id, seen)))
}

fn not_decoded(error: sqlx::Error) -> Error {
    Error::Backend { reason: "what was found of a commit does not decode".into(), source: Some(Box::new(error)) }
}
