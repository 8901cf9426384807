//! The rows of the heads: how they are found and locked, and what decides whether a commit is written.

use super::literal::{Literal, equals, list};
use crate::clock::MYSQL_NOW;
use crate::codec::{self, scope};
use crate::group::{Expectation, Job, Step};
use governance_persistence::{Error, ExperimentKey, Result, Sequence, Timestamp};
use sqlx::Row;
use sqlx::mysql::MySqlRow;
use std::collections::HashMap;

/// What a commit is judged by.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) id: i64,
    pub(super) sequence: i64,
    pub(super) recorded_at: i64,
    latest_version: i64,
    etag: Option<String>,
}

/// Heads by tenant, environment and name.
pub(super) type Heads = HashMap<(String, String, String), Head>;

/// Reads the heads of a batch. Their index is walked in the order of the keys, so two batches that
/// meet lock in the same order; the hint keeps a table that is small from being read instead.
pub(super) fn query(step: Step, jobs: &[&Job]) -> String {
    let mut sql = String::from(
        "SELECT id, tenant, environment, name, sequence, recorded_at, latest_version, etag\n\
         FROM experiment_states FORCE INDEX (experiment_states_by_name)\nWHERE ",
    );
    for (index, job) in jobs.iter().enumerate() {
        sql.push_str(if index > 0 { "\n  OR (" } else { "(" });
        is_key(&mut sql, "", job.key());
        sql.push(')');
    }
    if step == Step::Update {
        sql.push_str("\nFOR UPDATE");
    }
    sql
}

/// The condition that a row is the key's head.
pub(super) fn is_key(sql: &mut String, table: &str, key: &ExperimentKey) {
    let parts = [("tenant", scope(key.tenant())), ("environment", scope(key.environment())), ("name", key.name())];
    for (index, (column, value)) in parts.into_iter().enumerate() {
        if index > 0 {
            sql.push_str(" AND ");
        }
        sql.push_str(table);
        equals(sql, column, &value);
    }
}

/// The time, by the server's clock: one for all who write.
pub(super) fn now() -> String {
    format!("SELECT {MYSQL_NOW}")
}

/// Which commits of a batch there are, of whichever experiment.
pub(super) fn known(jobs: &[&Job]) -> String {
    let ids: Vec<&dyn Literal> = jobs.iter().map(|job| &job.texts().commit_id as &dyn Literal).collect();
    let mut sql = String::from(
        "SELECT commit_id, experiment_id FROM governance_commits FORCE INDEX (governance_commits_by_commit_id)\n\
         WHERE commit_id IN (",
    );
    list(&mut sql, &ids);
    sql.push(')');
    sql
}

pub(super) fn decode(rows: &[MySqlRow]) -> sqlx::Result<Heads> {
    let decode = |row: &MySqlRow| {
        let key = (row.try_get("tenant")?, row.try_get("environment")?, row.try_get("name")?);
        let head = Head {
            id: row.try_get("id")?,
            sequence: row.try_get("sequence")?,
            recorded_at: row.try_get("recorded_at")?,
            latest_version: row.try_get("latest_version")?,
            etag: row.try_get("etag")?,
        };
        Ok((key, head))
    };
    rows.iter().map(decode).collect()
}

/// How [`Heads`] has the key.
pub(super) fn place(key: &ExperimentKey) -> (String, String, String) {
    (scope(key.tenant()).to_owned(), scope(key.environment()).to_owned(), key.name().to_owned())
}

impl Head {
    /// Is it what the job expects?
    pub(super) fn is_expected(&self, job: &Job) -> bool {
        let expected = match job.expectation() {
            Expectation::Any => true,
            Expectation::NoState => self.etag.is_none(),
            Expectation::State(etag) => self.etag.as_deref() == Some(etag.to_string().as_str()),
            Expectation::At(sequence) => self.sequence == codec::count(sequence),
        };
        let first = job.versions().map(|(first, _)| codec::number(first));
        expected
            && first.is_none_or(|first| self.latest_version == 0 || self.latest_version == first - 1)
            && job.recorded_at().is_none_or(|at| at.unix_micros() >= self.recorded_at)
    }

    /// Has it numbers that another commit can follow? As [`codec::can_go_on`].
    pub(super) fn can_go_on(&self) -> bool {
        let next = self.sequence.checked_add(1).is_some_and(|next| Sequence::try_from(next).is_ok());
        self.sequence >= 0 && next && Timestamp::from_unix_micros(self.recorded_at).is_ok()
    }

    /// Place and time of the next commit; never earlier than the one before.
    pub(super) fn next(&self, job: &Job, now: i64) -> Result<(Sequence, Timestamp)> {
        let sequence = Sequence::try_from(self.sequence + 1)?;
        let now = Timestamp::from_unix_micros(now.max(self.recorded_at));
        Ok((sequence, job.recorded_at().map_or(now, Ok)?))
    }
}

pub(super) fn not_decoded(error: sqlx::Error) -> Error {
    Error::Backend { reason: "what was found of a commit does not decode".into(), source: Some(Box::new(error)) }
}
