//! The statements that write a batch of commits, each in one round trip.
//!
//! The head's row decides: it is changed if it is as expected, and all else is written for those
//! rows that were. The plan is meant to be always the same, from the first commit into an empty
//! schema on: the rows of the batch are looked up one by one, in the order of their keys, so two
//! batches that meet lock in the same order. The sessions that write have other plans switched off
//! (`connect`).

use super::column::{Column, Described};
use super::heads::{self, ANY, NO_STATE, STATE};
use super::records;
use crate::codec::can_go_on;
use crate::entity::table_of;
use crate::group::{Known, Step};
use governance_persistence::RecordKind;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};
use std::collections::HashMap;
use std::sync::Arc;

/// Which statement it is. There are few, so each session keeps them prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    pub(super) step: Step,
    pub(super) known: Known,
    /// Of each kind, are there any records?
    pub(super) kinds: [bool; RecordKind::ALL.len()],
}

/// The texts that were made already.
#[derive(Debug, Default)]
pub(super) struct Statements(HashMap<Shape, Arc<str>>);

impl Statements {
    pub(super) fn text(&mut self, shape: Shape) -> SqlStr {
        let text = self.0.entry(shape).or_insert_with(|| text(shape).into());
        AssertSqlSafe(text.clone()).into_sql_str()
    }
}

/// The server's clock: one for all who write.
const NOW: &str = "(extract(epoch FROM statement_timestamp()) * 1000000)::bigint";

fn text(shape: Shape) -> String {
    let Shape { step, known, kinds } = shape;
    let written = match step {
        Step::Create => create(),
        Step::Update => update(known),
    };
    let mut next = 1;
    let mut parts = vec![batch(&mut next), written, log()];
    for (kind, present) in RecordKind::ALL.into_iter().zip(kinds) {
        if present {
            parts.push(rows_of(kind, &mut next));
        }
    }
    format!("WITH {}\nSELECT ord, sequence, recorded_at FROM s", parts.join(",\n"))
}

/// `i`: the batch as rows.
fn batch(next: &mut usize) -> String {
    let columns: Vec<_> = heads::columns().iter().map(Column::described).collect();
    let (rows, names) = (unnest(&columns, next), names(&columns));
    format!("i AS MATERIALIZED (\n  SELECT * FROM {rows} WITH ORDINALITY AS i ({names}, ord))")
}

/// Parameters as a function that gives rows, numbered from `next` on.
fn unnest(columns: &[Described], next: &mut usize) -> String {
    let parameters = columns.iter().map(|column| {
        let parameter = format!("${next}::{}", column.array());
        *next += 1;
        parameter
    });
    format!("unnest({})", parameters.collect::<Vec<_>>().join(", "))
}

fn names(columns: &[Described]) -> String {
    columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
}

/// `s`: the heads that were changed.
fn update(known: Known) -> String {
    let unknown = match known {
        Known::Unlikely => "",
        Known::LeftOut => {
            "\n  WHERE (SELECT g.sequence FROM governance_commits g\n    \
             WHERE g.experiment_id = h.id AND g.commit_id = i.commit_id) IS NULL"
        }
    };
    let can_go_on = can_go_on("h.");
    format!(
        "p AS MATERIALIZED (\n  SELECT h.id AS experiment_id, i.* FROM i\n  \
         JOIN experiment_states h ON h.tenant = i.tenant AND h.environment = i.environment AND h.name = i.name\
         {unknown}\n  ORDER BY h.tenant, h.environment, h.name),\n\
         s AS (\n  UPDATE experiment_states h SET sequence = h.sequence + 1,\n    \
         recorded_at = coalesce(p.recorded_at, greatest(h.recorded_at, {NOW})),\n    \
         latest_version = coalesce(p.last_version, h.latest_version),\n    \
         etag = CASE WHEN p.metadata IS NULL THEN h.etag ELSE p.commit_id END,\n    \
         lifecycle_state = CASE WHEN p.metadata IS NULL THEN h.lifecycle_state ELSE p.lifecycle_state END,\n    \
         configuration_version = CASE WHEN p.metadata IS NULL THEN h.configuration_version \
         ELSE p.configuration_version END,\n    \
         last_modified = CASE WHEN p.metadata IS NULL THEN h.last_modified ELSE p.last_modified END,\n    \
         last_modified_by = CASE WHEN p.metadata IS NULL THEN h.last_modified_by ELSE p.last_modified_by END,\n    \
         metadata = coalesce(p.metadata::json, h.metadata)\n  \
         FROM p WHERE h.id = p.experiment_id\n    \
         AND CASE p.mode WHEN {ANY} THEN true WHEN {NO_STATE} THEN h.etag IS NULL \
         WHEN {STATE} THEN h.etag = p.expected_etag ELSE h.sequence = p.expected_sequence END\n    \
         AND (p.first_version IS NULL OR h.latest_version IN (0, p.first_version - 1))\n    \
         AND (p.recorded_at IS NULL OR p.recorded_at >= h.recorded_at)\n    AND {can_go_on}\n  \
         RETURNING p.ord, p.commit_id, p.fingerprint, p.log_state, h.id AS experiment_id, h.sequence, \
         h.recorded_at)"
    )
}

/// `s`: the heads that were made. Of those that were there already nothing is written.
fn create() -> String {
    format!(
        "n AS (\n  INSERT INTO experiment_states (tenant, environment, name, sequence, latest_version, recorded_at, \
         etag,\n    lifecycle_state, configuration_version, last_modified, last_modified_by, metadata)\n  \
         SELECT tenant, environment, name, 1, coalesce(last_version, 0), coalesce(recorded_at, {NOW}),\n    \
         CASE WHEN metadata IS NULL THEN NULL ELSE commit_id END, lifecycle_state, configuration_version, \
         last_modified,\n    last_modified_by, metadata::json\n  \
         FROM i ORDER BY tenant COLLATE \"C\", environment COLLATE \"C\", name COLLATE \"C\"\n  \
         ON CONFLICT (tenant, environment, name) DO NOTHING\n  \
         RETURNING id, tenant, environment, name, sequence, recorded_at),\n\
         s AS MATERIALIZED (\n  SELECT i.ord, i.commit_id, i.fingerprint, i.log_state, n.id AS experiment_id, \
         n.sequence, n.recorded_at\n  \
         FROM n JOIN i ON i.tenant = n.tenant AND i.environment = n.environment AND i.name = n.name)"
    )
}

fn log() -> String {
    "c AS (\n  INSERT INTO governance_commits (experiment_id, sequence, commit_id, fingerprint, recorded_at, state)\n  \
     SELECT experiment_id, sequence, commit_id, fingerprint, recorded_at, log_state::json FROM s)"
        .to_owned()
}

fn rows_of(kind: RecordKind, next: &mut usize) -> String {
    let (table, columns) = (table_of(kind), records::described(kind));
    let rows = unnest(&columns, next);
    // The first says which commit of the batch the record belongs to.
    let columns = &columns[1..];
    let cast = |column: &Described| if column.is_json() { "::json" } else { "" };
    let values = columns.iter().map(|column| format!("r.{}{}", column.name, cast(column)));
    let (names, values) = (names(columns), values.collect::<Vec<_>>().join(", "));
    format!(
        "{table}_rows AS (\n  INSERT INTO {table} (experiment_id, sequence, {names})\n  \
         SELECT s.experiment_id, s.sequence, {values}\n  \
         FROM s JOIN {rows} AS r (ord, {names}) ON r.ord = s.ord)"
    )
}
