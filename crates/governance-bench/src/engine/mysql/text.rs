//! What a commit costs by our own text, when nobody shares it: a bare client sends what our writer sends for
//! a single commit, in the same two round trips.

use super::schema::Schema;
use crate::measure::Loop;
use crate::work::{Arguments, Commits, scope};
use anyhow::{Context, Result, ensure};
use governance_persistence::{Expected, ExperimentKey};
use mysql::Conn;
use mysql::prelude::Queryable;

pub(super) const AGAINST: &str = "a bare client, our own text: two round trips, no group commit";

/// Sends our text, over a connection of its own.
pub(super) struct Sender {
    connection: Conn,
    commits: Commits,
}

/// The row of a head that exists.
type Head = (i64, String, String, String, i64, i64, i64, Option<String>);

impl Sender {
    pub(super) fn connect(schema: &Schema, commits: Commits) -> Result<Self> {
        Ok(Self { connection: schema.bare()?, commits })
    }

    /// The first round trip: the head, and the time.
    fn begin(&mut self, text: &str) -> Result<(Option<Head>, i64)> {
        let mut results = self.connection.query_iter(text)?;
        results.iter().context("there is no answer to START TRANSACTION")?.try_for_each(|row| row.map(drop))?;
        let mut heads = results.iter().context("there is no answer for the head")?;
        let head = heads.next().transpose()?.map(mysql::from_row::<Head>);
        drop(heads);
        let mut times = results.iter().context("there is no answer for the time")?;
        let now = times.next().transpose()?.map(mysql::from_row::<i64>).context("there is no time")?;
        drop(times);
        Ok((head, now))
    }
}

impl Loop for Sender {
    type Job = (String, Arguments);

    fn prepare(&mut self) -> Result<(String, Arguments)> {
        let arguments = Arguments::of(self.commits.next()?)?;
        let lock = if arguments.commit.expected() == Expected::Absent { "" } else { "\nFOR UPDATE" };
        let begin = format!(
            "START TRANSACTION;\n\
             SELECT id, tenant, environment, name, sequence, recorded_at, latest_version, etag\n\
             FROM experiment_states FORCE INDEX (experiment_states_by_name)\nWHERE ({}){lock};\n\
             SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6))",
            is_key(arguments.commit.key())
        );
        Ok((begin, arguments))
    }

    fn run(&mut self, (text, arguments): &(String, Arguments)) -> Result<()> {
        let (head, now) = self.begin(text)?;
        let key = arguments.commit.key();
        let write = if arguments.commit.expected() == Expected::Absent {
            ensure!(head.is_none(), "{key} is there already");
            create(arguments, now)?
        } else {
            let (id, _, _, _, sequence, recorded_at, _, etag) = head.with_context(|| format!("{key} is not there"))?;
            ensure!(arguments.expected.is_none() || arguments.expected == etag, "{key} is not as expected");
            update(arguments, (id, sequence + 1, recorded_at.max(now)))?
        };
        self.connection.query_drop(write)?;
        Ok(())
    }
}

fn is_key(key: &ExperimentKey) -> String {
    let (tenant, environment, name) = (scope(key.tenant()), scope(key.environment()), key.name());
    format!("tenant = '{tenant}' AND environment = '{environment}' AND name = '{name}'")
}

fn create(arguments: &Arguments, now: i64) -> Result<String> {
    let (key, state) = (arguments.commit.key(), arguments.state_change()?);
    let head = format!(
        "INSERT INTO experiment_states (tenant, environment, name, sequence, latest_version, recorded_at, etag, \
         lifecycle_state, configuration_version, last_modified, last_modified_by, metadata) VALUES\n\
         ('{}', '{}', '{}', 1, 0, {now}, '{}', '{}', NULL, {}, {}, '{}');\n\
         SET @governance_head_0 = LAST_INSERT_ID()",
        scope(key.tenant()),
        scope(key.environment()),
        key.name(),
        arguments.commit_id,
        state.lifecycle_state.as_str(),
        state.last_modified.unix_micros(),
        quoted(state.last_modified_by.as_deref()),
        state.metadata.as_str(),
    );
    Ok(format!("{head};\n{}", history(arguments, ("@governance_head_0", 1, now))?))
}

fn update(arguments: &Arguments, (id, sequence, recorded_at): (i64, i64, i64)) -> Result<String> {
    let state = arguments.state_change()?;
    let head = format!(
        "UPDATE experiment_states SET sequence = {sequence}, recorded_at = {recorded_at}, etag = '{}', \
         lifecycle_state = '{}', configuration_version = NULL, last_modified = {}, last_modified_by = {}, \
         metadata = '{}' WHERE id = {id}",
        arguments.commit_id,
        state.lifecycle_state.as_str(),
        state.last_modified.unix_micros(),
        quoted(state.last_modified_by.as_deref()),
        state.metadata.as_str(),
    );
    Ok(format!("{head};\n{}", history(arguments, (&id.to_string(), sequence, recorded_at))?))
}

/// The log, the transition, and the end of the transaction.
fn history(arguments: &Arguments, (id, sequence, recorded_at): (&str, i64, i64)) -> Result<String> {
    let Arguments { commit_id, fingerprint, state, record_id, .. } = arguments;
    let transition = arguments.transition()?;
    Ok(format!(
        "INSERT INTO governance_commits (experiment_id, sequence, commit_id, fingerprint, recorded_at, state) VALUES\n\
         ({id}, {sequence}, '{commit_id}', '{fingerprint}', {recorded_at}, '{state}');\n\
         INSERT INTO state_transitions (experiment_id, sequence, ordinal, id, timestamp, from_state, to_state, actor, \
         reason, metadata) VALUES\n\
         ({id}, {sequence}, 0, '{record_id}', {}, '{}', '{}', '{}', {}, '{}');\nCOMMIT",
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
