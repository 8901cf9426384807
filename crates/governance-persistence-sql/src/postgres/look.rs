//! One look at all that the order of answers needs.

use crate::codec::{self, scope};
use crate::group::Job;
use governance_persistence::RecordKind;
use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;

/// In one statement, so that all of it is true at one moment. It is kept prepared, so it names its columns: a
/// column that is added later must not change what it gives.
const LOOK: &str = "\
SELECT h.id, h.tenant, h.environment, h.name, h.sequence, h.latest_version, h.recorded_at, h.pruned_through,
  h.etag, h.lifecycle_state, h.configuration_version, h.last_modified, h.last_modified_by, h.metadata,
  g.commit_id AS g_id, g.sequence AS g_sequence, g.fingerprint AS g_fingerprint, g.recorded_at AS g_recorded_at,
  a.commit_id AS a_id, a.sequence AS a_sequence, a.fingerprint AS a_fingerprint, a.recorded_at AS a_recorded_at,
  (SELECT b.sequence FROM governance_commits b WHERE b.experiment_id = h.id AND b.sequence > h.sequence
    ORDER BY b.sequence LIMIT 1) AS beyond,
  (SELECT string_agg(r.sequence || ' ' || r.id, ',') FROM state_transitions r
    WHERE r.experiment_id = h.id AND r.id = ANY ($6::text[])) AS found_transition,
  (SELECT string_agg(r.sequence || ' ' || r.id, ',') FROM approval_records r
    WHERE r.experiment_id = h.id AND r.id = ANY ($7::text[])) AS found_approval,
  (SELECT string_agg(r.sequence || ' ' || r.id, ',') FROM configuration_versions r
    WHERE r.experiment_id = h.id AND r.id = ANY ($8::text[])) AS found_version,
  (SELECT string_agg(r.sequence || ' ' || r.id, ',') FROM policy_definitions r
    WHERE r.experiment_id = h.id AND r.id = ANY ($9::text[])) AS found_definition,
  (SELECT string_agg(r.sequence || ' ' || r.id, ',') FROM policy_evaluations r
    WHERE r.experiment_id = h.id AND r.id = ANY ($10::text[])) AS found_evaluation
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
