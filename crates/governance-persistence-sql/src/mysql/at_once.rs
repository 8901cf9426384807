//! A batch of commits in one round trip.
//!
//! Each head is moved on if it is as expected, and the session keeps in variables which one it was and what is
//! written after it; of these the rows are made. A head that is not as expected leaves its variable NULL; no column
//! for it takes that, so the server stops there, before the commit. Then the batch is written in two round trips,
//! and we see why.

use super::heads::{is_key, not_decoded};
use super::literal::{Number, equals};
use super::script::Script;
use super::transaction::{self, FIRST, Placed};
use crate::clock::MYSQL_NOW;
use crate::codec;
use crate::group::{Expectation, Job, Step, Written};
use governance_persistence::{Result, Sequence, Timestamp};
use sqlx::Row;
use sqlx::mysql::MySqlRow;
use std::fmt::Write;
use std::sync::LazyLock;

/// All of it, from the start of the transaction to its commit.
pub(super) fn script(step: Step, jobs: &[&Job]) -> Script {
    let mut script = Script::new();
    script.push("START TRANSACTION");
    let placed: Vec<Placed<'_>> = jobs.iter().enumerate().map(|(number, job)| place(step, number, job)).collect();
    // Two batches that meet lock in the same order.
    let mut ordered: Vec<&Placed<'_>> = placed.iter().collect();
    ordered.sort_by_key(|placed| placed.job.key());
    set(script.statement(), &ordered);
    for placed in &ordered {
        match step {
            Step::Create => transaction::create_head(&mut script, placed),
            Step::Update => move_on(script.statement(), placed),
        }
    }
    transaction::history(&mut script, &ordered);
    select(script.statement(), &placed);
    script.push("COMMIT");
    script.into_one()
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

/// What the session had in a variable before must not be taken for what it finds.
fn set(sql: &mut String, placed: &[&Placed<'_>]) {
    let mut between = "SET ";
    for Placed { head, sequence, recorded_at, .. } in placed {
        let _ = write!(sql, "{between}{head} = NULL");
        between = ", ";
        if *sequence == FIRST && matches!(recorded_at, Number::RecordedAt(_)) {
            let _ = write!(sql, "{between}{recorded_at} = {MYSQL_NOW}");
        }
    }
}

/// Tells what was written, job by job.
fn select(sql: &mut String, placed: &[Placed<'_>]) {
    let mut between = "SELECT ";
    for Placed { sequence, recorded_at, .. } in placed {
        let _ = write!(sql, "{between}{sequence}, {recorded_at}");
        between = ", ";
    }
}

/// As SQL; the text is always the same.
static CAN_GO_ON: LazyLock<String> = LazyLock::new(|| codec::can_go_on(""));

/// Moves the head on, if it is as expected. The id is kept on the way: to say that it stays what it is would
/// take the right to change it.
fn move_on(sql: &mut String, Placed { job, head, sequence, recorded_at }: &Placed<'_>) {
    let _ = write!(sql, "UPDATE experiment_states SET sequence = ({sequence} := sequence + 1) + 0 * ({head} := id)");
    let _ = match recorded_at {
        Number::RecordedAt(_) => {
            write!(sql, ", recorded_at = ({recorded_at} := GREATEST(recorded_at, {MYSQL_NOW}))")
        }
        known => write!(sql, ", recorded_at = {known}"),
    };
    transaction::set_state(sql, job);
    sql.push_str(" WHERE ");
    is_key(sql, "", job.key());
    is_expected(sql, job);
    let _ = write!(sql, " AND {}", *CAN_GO_ON);
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
