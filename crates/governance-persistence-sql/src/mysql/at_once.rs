//! A batch of commits in one round trip.
//!
//! The session looks each head up as it is expected to be, and keeps what it found in variables, of which the
//! rows are made. A head that is not as expected leaves its variable NULL; no column for it takes that, so the
//! server stops there, before the commit. Then the batch is written in two round trips, and we see why.

use super::heads::{is_key, not_decoded};
use super::literal::{Number, equals, literal};
use super::script::Script;
use super::transaction::{self, FIRST, Placed};
use crate::clock::MYSQL_NOW;
use crate::codec;
use crate::group::{Expectation, Job, Step, Written};
use governance_persistence::{Result, Sequence, Timestamp};
use sqlx::Row;
use sqlx::mysql::MySqlRow;

/// The most jobs that are written so. Each takes a statement more than in two round trips, where one statement
/// finds all heads.
pub(super) const MOST: usize = 4;

/// All of it, from the start of the transaction to its commit.
pub(super) fn script(step: Step, jobs: &[&Job]) -> Script {
    let mut script = Script::new();
    script.push("START TRANSACTION");
    let placed: Vec<Placed<'_>> = jobs.iter().enumerate().map(|(number, job)| place(step, number, job)).collect();
    // Two batches that meet lock in the same order.
    let mut ordered: Vec<&Placed<'_>> = placed.iter().collect();
    ordered.sort_by_key(|placed| placed.job.key());
    for placed in &ordered {
        match step {
            Step::Create => set_now(&mut script, placed),
            Step::Update => script.push(&find(placed)),
        }
    }
    transaction::rows(&mut script, &ordered);
    let written = placed.iter().flat_map(|placed| [literal(&placed.sequence), literal(&placed.recorded_at)]);
    script.push(&format!("SELECT {}", written.collect::<Vec<_>>().join(", ")));
    script.push("COMMIT");
    script
}

/// What became of each job, from the rows of all statements.
pub(super) fn written(jobs: &[&Job], found: &[Vec<MySqlRow>]) -> Result<Vec<Option<Written>>> {
    let row = found.iter().rev().nth(1).and_then(|rows| rows.first());
    let row = row.ok_or_else(|| not_decoded(sqlx::Error::RowNotFound))?;
    let number = |index| row.try_get::<i64, _>(index).map_err(not_decoded);
    let written = |job: usize| {
        let (sequence, recorded_at) = (number(2 * job)?, number(2 * job + 1)?);
        let recorded_at = Timestamp::from_unix_micros(recorded_at)?;
        Ok(Some(Written { sequence: Sequence::try_from(sequence)?, recorded_at }))
    };
    (0..jobs.len()).map(written).collect()
}

fn place<'a>(step: Step, number: usize, job: &'a Job) -> Placed<'a> {
    let recorded_at = job.recorded_at().map(|at| Number::Known(at.unix_micros()));
    Placed {
        job,
        head: Number::Head(number),
        sequence: if step == Step::Create { FIRST } else { Number::Sequence(number) },
        recorded_at: recorded_at.unwrap_or(Number::RecordedAt(number)),
    }
}

/// Finds when what is created was recorded, if that is not settled already.
fn set_now(script: &mut Script, Placed { recorded_at, .. }: &Placed<'_>) {
    if matches!(recorded_at, Number::RecordedAt(_)) {
        script.push(&format!("SET {} = {MYSQL_NOW}", literal(recorded_at)));
    }
}

/// Locks the head, if it is as expected, and finds what is written after it. The greatest of no rows is a row
/// with NULL; without one, a variable would keep what it had before.
fn find(Placed { job, head, sequence, recorded_at }: &Placed<'_>) -> String {
    let (mut values, mut variables) =
        ("MAX(id), MAX(sequence) + 1".to_owned(), [literal(head), literal(sequence)].join(", "));
    if matches!(recorded_at, Number::RecordedAt(_)) {
        values.push_str(&format!(", GREATEST(MAX(recorded_at), {MYSQL_NOW})"));
        variables.push_str(&format!(", {}", literal(recorded_at)));
    }
    let mut sql = format!(
        "SELECT {values} INTO {variables}\nFROM experiment_states FORCE INDEX (experiment_states_by_name) WHERE "
    );
    is_key(&mut sql, "", job.key());
    is_expected(&mut sql, job);
    sql.push_str(" FOR UPDATE");
    sql
}

/// As [`Head::is_expected`](super::heads::Head::is_expected).
fn is_expected(sql: &mut String, job: &Job) {
    match job.expectation() {
        Expectation::Any => {}
        Expectation::NoState => sql.push_str(" AND etag IS NULL"),
        Expectation::State(etag) => equals(sql, " AND etag", &etag.to_string()),
        Expectation::At(sequence) => equals(sql, " AND sequence", &codec::count(sequence)),
    }
    if let Some((first, _)) = job.versions() {
        sql.push_str(&format!(" AND latest_version IN (0, {})", codec::number(first) - 1));
    }
    if let Some(at) = job.recorded_at() {
        sql.push_str(&format!(" AND recorded_at <= {}", at.unix_micros()));
    }
}
