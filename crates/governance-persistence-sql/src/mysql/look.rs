//! One look at all that the order of answers needs.

use super::heads::is_key;
use super::literal::{Literal, equals, list};
use crate::codec;
use crate::entity::table_of;
use crate::group::{Job, Look};
use governance_persistence::RecordKind;

/// In one statement, so that all of it is true at one moment.
pub(super) fn query(job: &Job) -> String {
    let mut sql = String::from(
        "SELECT h.*,\n  \
         g.commit_id AS g_id, g.sequence AS g_sequence, g.fingerprint AS g_fingerprint, g.recorded_at AS g_recorded_at,\n  \
         a.commit_id AS a_id, a.sequence AS a_sequence, a.fingerprint AS a_fingerprint, a.recorded_at AS a_recorded_at,\n  \
         (SELECT b.sequence FROM governance_commits b WHERE b.experiment_id = h.id AND b.sequence > h.sequence\n    \
         ORDER BY b.sequence LIMIT 1) AS beyond",
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
    let table = table_of(kind);
    sql.push_str(&format!(
        ",\n  (SELECT GROUP_CONCAT(r.sequence, ' ', r.id) FROM {table} r FORCE INDEX ({table}_by_id)\n    \
         WHERE r.experiment_id = h.id AND r.id IN ("
    ));
    list(sql, &ids);
    sql.push_str(&format!(")) AS {}", Look::column_of(kind)));
}
