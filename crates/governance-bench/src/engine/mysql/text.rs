//! What a commit costs by our own text, when nobody shares it: a bare client sends what our writer sends for
//! a single commit, in the same round trip.

use super::schema::Schema;
use crate::measure::Loop;
use crate::work::{Arguments, Commits, scope};
use anyhow::{Context, Result};
use governance_persistence::{Expected, ExperimentKey};
use mysql::Conn;
use mysql::prelude::Queryable;

pub(super) const AGAINST: &str = "a bare client, our own text: one round trip, no group commit";

/// Sends our text, over a connection of its own.
pub(super) struct Sender {
    connection: Conn,
    commits: Commits,
}

impl Sender {
    pub(super) fn connect(schema: &Schema, commits: Commits) -> Result<Self> {
        Ok(Self { connection: schema.bare()?, commits })
    }
}

impl Loop for Sender {
    type Job = String;

    fn prepare(&mut self) -> Result<String> {
        let arguments = Arguments::of(self.commits.next()?)?;
        let (head, sequence) = if arguments.commit.expected() == Expected::Absent {
            (create(&arguments)?, "1")
        } else {
            (update(&arguments)?, SEQUENCE)
        };
        let history = history(&arguments, sequence)?;
        Ok(format!(
            "/*M!100101 BEGIN NOT ATOMIC */ START TRANSACTION;\n{head};\n{history};\n\
             SELECT {sequence}, {RECORDED_AT};\nCOMMIT /*M!100101 ; END */"
        ))
    }

    fn run(&mut self, text: &String) -> Result<()> {
        let mut results = self.connection.query_iter(text)?;
        let mut written = None;
        while let Some(result) = results.iter() {
            for row in result {
                written = Some(mysql::from_row::<(i64, i64)>(row?));
            }
        }
        std::hint::black_box(written.context("nothing tells a sequence")?);
        Ok(())
    }
}

const HEAD: &str = "@governance_head_0";
const SEQUENCE: &str = "@governance_sequence_0";
const RECORDED_AT: &str = "@governance_recorded_at_0";
const NOW: &str = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6))";

fn is_key(key: &ExperimentKey) -> String {
    let (tenant, environment, name) = (scope(key.tenant()), scope(key.environment()), key.name());
    format!("tenant = '{tenant}' AND environment = '{environment}' AND name = '{name}'")
}

fn create(arguments: &Arguments) -> Result<String> {
    let (key, state) = (arguments.commit.key(), arguments.state_change()?);
    Ok(format!(
        "SET {HEAD} = NULL, {RECORDED_AT} = {NOW};\n\
         INSERT INTO experiment_states (tenant, environment, name, sequence, latest_version, recorded_at, etag, \
         lifecycle_state, configuration_version, last_modified, last_modified_by, metadata) VALUES\n\
         ('{}', '{}', '{}', 1, 0, {RECORDED_AT}, '{}', '{}', NULL, {}, {}, '{}');\n\
         SET {HEAD} = LAST_INSERT_ID()",
        scope(key.tenant()),
        scope(key.environment()),
        key.name(),
        arguments.commit_id,
        state.lifecycle_state.as_str(),
        state.last_modified.unix_micros(),
        quoted(state.last_modified_by.as_deref()),
        state.metadata.as_str(),
    ))
}

fn update(arguments: &Arguments) -> Result<String> {
    let state = arguments.state_change()?;
    let expected = arguments.expected.as_ref().map_or(String::new(), |etag| format!(" AND etag = '{etag}'"));
    Ok(format!(
        "SET {HEAD} = NULL;\n\
         UPDATE experiment_states SET sequence = ({SEQUENCE} := sequence + 1) + 0 * ({HEAD} := id), \
         recorded_at = ({RECORDED_AT} := GREATEST(recorded_at, {NOW})), etag = '{}', lifecycle_state = '{}', \
         configuration_version = NULL, last_modified = {}, last_modified_by = {}, metadata = '{}' WHERE {}{expected} \
         AND sequence BETWEEN 0 AND 9007199254740990 \
         AND recorded_at BETWEEN -62167219200000000 AND 253402300799999999",
        arguments.commit_id,
        state.lifecycle_state.as_str(),
        state.last_modified.unix_micros(),
        quoted(state.last_modified_by.as_deref()),
        state.metadata.as_str(),
        is_key(arguments.commit.key()),
    ))
}

/// The log and the transition.
fn history(arguments: &Arguments, sequence: &str) -> Result<String> {
    let Arguments { commit_id, fingerprint, state, record_id, .. } = arguments;
    let transition = arguments.transition()?;
    Ok(format!(
        "INSERT INTO governance_commits (experiment_id, sequence, commit_id, fingerprint, recorded_at, state) VALUES\n\
         ({HEAD}, {sequence}, '{commit_id}', '{fingerprint}', {RECORDED_AT}, '{state}');\n\
         INSERT INTO state_transitions (experiment_id, sequence, ordinal, id, timestamp, from_state, to_state, actor, \
         reason, metadata) VALUES\n\
         ({HEAD}, {sequence}, 0, '{record_id}', {}, '{}', '{}', '{}', {}, '{}')",
        transition.timestamp.unix_micros(),
        transition.from.as_str(),
        transition.to.as_str(),
        transition.actor,
        quoted(transition.reason.as_deref()),
        transition.metadata.as_str(),
    ))
}

/// None of what is measured holds a quote or a backslash.
fn quoted(text: Option<&str>) -> String {
    text.map_or_else(|| "NULL".to_owned(), |text| format!("'{text}'"))
}
