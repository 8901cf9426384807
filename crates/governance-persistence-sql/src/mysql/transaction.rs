//! A batch of commits as the statements of one transaction, in two round trips: we decide between them.

use super::heads::{self, Heads, not_decoded};
use super::literal::{Literal, Number, equals};
use super::records;
use super::script::Script;
use crate::codec::{self, scope};
use crate::group::{Job, Known, Step, Written};
use governance_persistence::{Result, Sequence, Timestamp};
use sqlx::Row;
use sqlx::mysql::MySqlRow;
use std::collections::HashSet;
use std::fmt::Write;

/// A job that is written, and where.
pub(super) struct Placed<'a> {
    pub(super) job: &'a Job,
    pub(super) head: Number,
    pub(super) sequence: Number,
    pub(super) recorded_at: Number,
}

impl<'a> Placed<'a> {
    fn new(job: &'a Job, head: Number, written: Written) -> Self {
        let sequence = Number::Known(codec::count(written.sequence));
        Self { job, head, sequence, recorded_at: Number::Known(written.recorded_at.unix_micros()) }
    }
}

/// A job that is to be written, and what it becomes.
pub(super) type Decided<'a> = (Placed<'a>, Written);

/// The sequence of the commit that makes the head.
pub(super) const FIRST: Number = Number::Known(1);

/// The first round trip: what there is, locked if it is to be changed.
pub(super) fn begin(step: Step, known: Known, jobs: &[&Job]) -> Script {
    let mut script = Script::new();
    script.push("START TRANSACTION");
    script.push(&heads::query(step, jobs));
    // After the locks were waited for.
    script.push(&heads::now());
    if known == Known::LeftOut {
        script.push(&heads::known(jobs));
    }
    script
}

/// Which of the jobs are written, judged by what the first round trip found; the others are `None`.
pub(super) fn decide<'a>(step: Step, jobs: &[&'a Job], found: &[Vec<MySqlRow>]) -> Result<Vec<Option<Decided<'a>>>> {
    let rows = |index: usize| found.get(index).map_or(&[][..], Vec::as_slice);
    let heads = heads::decode(rows(1)).map_err(not_decoded)?;
    let now: i64 = rows(2).first().map_or(Ok(0), |row| row.try_get(0)).map_err(not_decoded)?;
    let known = rows(3).iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
    let known: HashSet<(String, i64)> = known.collect::<sqlx::Result<_>>().map_err(not_decoded)?;
    let place = |(number, job): (usize, &&'a Job)| match step {
        Step::Create => create(number, job, &heads, now),
        Step::Update => update(job, &heads, &known, now),
    };
    jobs.iter().enumerate().map(place).collect()
}

fn create<'a>(number: usize, job: &'a Job, heads: &Heads, now: i64) -> Result<Option<Decided<'a>>> {
    if heads.contains_key(&heads::place(job.key())) {
        return Ok(None);
    }
    let recorded_at = job.recorded_at().map_or_else(|| Timestamp::from_unix_micros(now), Ok)?;
    let written = Written { sequence: Sequence::ZERO.next(), recorded_at };
    Ok(Some((Placed::new(job, Number::Head(number), written), written)))
}

fn update<'a>(job: &'a Job, heads: &Heads, known: &HashSet<(String, i64)>, now: i64) -> Result<Option<Decided<'a>>> {
    let head = heads.get(&heads::place(job.key())).filter(|head| head.is_expected(job));
    // One that cannot go on is not for the others to suffer; the look at it says what is wrong.
    let head = head.filter(|head| head.can_go_on());
    let Some(head) = head.filter(|head| !known.contains(&(job.texts().commit_id.clone(), head.id))) else {
        return Ok(None);
    };
    let (sequence, recorded_at) = head.next(job, now)?;
    let written = Written { sequence, recorded_at };
    Ok(Some((Placed::new(job, Number::Known(head.id), written), written)))
}

/// The second round trip: all that is written.
pub(super) fn write(placed: &[&Placed<'_>]) -> Script {
    let mut script = Script::new();
    for placed in placed {
        if placed.sequence == FIRST {
            create_head(&mut script, placed);
        } else {
            update_head(script.statement(), placed);
        }
    }
    history(&mut script, placed);
    script.push("COMMIT");
    script
}

/// The rows of the log and of the records.
pub(super) fn history(script: &mut Script, placed: &[&Placed<'_>]) {
    for Placed { job, head, sequence, recorded_at } in placed {
        let texts = job.texts();
        script.insert(
            "governance_commits",
            "experiment_id, sequence, commit_id, fingerprint, recorded_at, state",
            &[head, sequence, &texts.commit_id, &texts.fingerprint, recorded_at, &texts.state],
        );
    }
    records::insert(script, placed);
}

/// Moves the head on, which is locked.
fn update_head(sql: &mut String, Placed { job, head, sequence, recorded_at }: &Placed<'_>) {
    let _ = write!(sql, "UPDATE experiment_states SET sequence = {sequence}, recorded_at = {recorded_at}");
    set_state(sql, job);
    let _ = write!(sql, " WHERE id = {head}");
}

/// What a commit changes of the head besides its place in time, each behind a comma.
pub(super) fn set_state(sql: &mut String, job: &Job) {
    let mut set = |column: &str, value: &dyn Literal| {
        sql.push_str(", ");
        equals(sql, column, value);
    };
    if let Some((_, last)) = job.versions() {
        set("latest_version", &codec::number(last));
    }
    if let Some(state) = job.state() {
        set("etag", &job.texts().commit_id);
        set("lifecycle_state", &state.lifecycle_state.as_str());
        set("configuration_version", &state.configuration_version.map(codec::number));
        set("last_modified", &state.last_modified.unix_micros());
        set("last_modified_by", &state.last_modified_by.as_deref());
        set("metadata", &state.metadata.as_str());
    }
}

/// Makes the head, and keeps its id.
pub(super) fn create_head(script: &mut Script, placed: &Placed<'_>) {
    insert_head(script, placed);
    let _ = write!(script.statement(), "SET {} = LAST_INSERT_ID()", placed.head);
}

fn insert_head(script: &mut Script, Placed { job, sequence, recorded_at, .. }: &Placed<'_>) {
    let (key, state) = (job.key(), job.state());
    script.insert(
        "experiment_states",
        "tenant, environment, name, sequence, latest_version, recorded_at, etag, lifecycle_state, \
         configuration_version, last_modified, last_modified_by, metadata",
        &[
            &scope(key.tenant()),
            &scope(key.environment()),
            &key.name(),
            sequence,
            &job.versions().map_or(0, |(_, last)| codec::number(last)),
            recorded_at,
            &state.map(|_| job.texts().commit_id.as_str()),
            &state.map(|state| state.lifecycle_state.as_str()),
            &state.and_then(|state| state.configuration_version).map(codec::number),
            &state.map(|state| state.last_modified.unix_micros()),
            &state.and_then(|state| state.last_modified_by.as_deref()),
            &state.map(|state| state.metadata.as_str()),
        ],
    );
}
