//! The limit of a read: our statement by a bare client, prepared, every column taken.

use super::schema::Schema;
use crate::measure::Loop;
use crate::work::{Read, Reads, scope};
use anyhow::{Context, Result, ensure};
use governance_persistence::ExperimentKey;
use mysql::prelude::Queryable;
use mysql::{Conn, Statement, Value};

pub(super) const AGAINST: &str = "a bare client, our statement";

/// Runs our statement for one kind of read, over a connection of its own.
pub(super) struct BareReader {
    connection: Conn,
    statement: Statement,
    experiments: Vec<ExperimentKey>,
    read: Read,
}

impl BareReader {
    pub(super) fn connect(schema: &Schema, experiments: &[ExperimentKey], read: Read) -> Result<Self> {
        let mut connection = schema.bare()?;
        let statement = connection.prep(statement(read))?;
        Ok(Self { connection, statement, experiments: experiments.to_vec(), read })
    }
}

impl Loop for BareReader {
    /// The arguments, and how many rows there are.
    type Job = (Vec<Value>, usize);

    fn prepare(&mut self) -> Result<(Vec<Value>, usize)> {
        let read = self.read.prepare(&self.experiments)?;
        let key = match &read {
            Reads::Head(key) | Reads::Page(key, _) | Reads::LatestVersion(key) | Reads::LatestEvaluation(key) => key,
        };
        let parts = [scope(key.tenant()), scope(key.environment()), key.name()];
        let mut arguments: Vec<Value> = parts.map(Value::from).into();
        let rows = match &read {
            Reads::Page(key, query) => {
                let place = query.after(key)?.context("the page begins nowhere")?;
                let (sequence, ordinal) = (place.sequence.get(), place.ordinal);
                arguments.extend([sequence.into(), sequence.into(), ordinal.into()]);
                // One more than the page holds tells whether there is another one.
                101
            }
            Reads::LatestEvaluation(_) => {
                arguments.push(crate::work::POLICY.into());
                1
            }
            Reads::Head(_) | Reads::LatestVersion(_) => 1,
        };
        if !matches!(read, Reads::Head(_)) {
            arguments.push((rows as u64).into());
        }
        Ok((arguments, rows))
    }

    fn run(&mut self, (arguments, rows): &(Vec<Value>, usize)) -> Result<()> {
        let mut count = 0;
        for row in self.connection.exec_iter(&self.statement, arguments.clone())? {
            std::hint::black_box(row?);
            count += 1;
        }
        ensure!(count == *rows, "{count} rows of {rows}");
        Ok(())
    }
}

/// Our statement. SeaORM puts names in backticks; the rest is the same.
fn statement(read: Read) -> String {
    let (table, columns, index, rest) = match read {
        Read::Head => return head(),
        Read::Page { .. } => (
            "state_transitions",
            &["from_state", "to_state", "timestamp", "actor", "reason"][..],
            None,
            "AND state_transitions.sequence >= ? \
             AND (state_transitions.sequence > ? OR state_transitions.ordinal > ?) \
             ORDER BY state_transitions.sequence ASC, state_transitions.ordinal ASC",
        ),
        Read::LatestVersion => (
            "configuration_versions",
            &[
                "number",
                "configuration",
                "created_at",
                "created_by",
                "change_description",
                "lifecycle_state",
                "hash",
                "is_rollback",
                "rolled_back_from",
                "restored_version",
            ][..],
            Some("configuration_versions_by_number"),
            "ORDER BY configuration_versions.number DESC",
        ),
        Read::LatestEvaluation => (
            "policy_evaluations",
            &["policy", "compliant", "reason", "severity", "timestamp", "current_state", "target_state"][..],
            Some("policy_evaluations_by_policy"),
            "AND policy_evaluations.policy = ? \
             ORDER BY policy_evaluations.sequence DESC, policy_evaluations.ordinal DESC",
        ),
    };
    let columns = ["experiment_id", "sequence", "ordinal", "id"].iter().chain(columns).chain(&["metadata"]);
    let columns: Vec<String> = columns.map(|column| format!("{table}.{column}")).collect();
    let hint = index.map(|index| format!(" FORCE INDEX ({index})")).unwrap_or_default();
    format!(
        "SELECT {columns}, governance_commits.commit_id AS joined_commit_id, \
         governance_commits.recorded_at AS joined_recorded_at FROM {table}{hint} \
         LEFT JOIN governance_commits ON governance_commits.experiment_id = {table}.experiment_id + 0 \
         AND governance_commits.sequence = {table}.sequence WHERE {table}.experiment_id = \
         (SELECT id FROM experiment_states WHERE {KEY}) {rest} LIMIT ?",
        columns = columns.join(", ")
    )
}

const KEY: &str = "experiment_states.tenant = ? AND experiment_states.environment = ? AND experiment_states.name = ?";

fn head() -> String {
    let columns = [
        "id",
        "tenant",
        "environment",
        "name",
        "sequence",
        "latest_version",
        "recorded_at",
        "pruned_through",
        "etag",
        "lifecycle_state",
        "configuration_version",
        "last_modified",
        "last_modified_by",
        "metadata",
    ];
    let columns = columns.map(|column| format!("experiment_states.{column}")).join(", ");
    format!("SELECT {columns} FROM experiment_states WHERE {KEY}")
}
