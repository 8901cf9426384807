//! One commit inside the writer's transaction.
//!
//! The transaction began IMMEDIATE: nobody else writes to the file until it ends. So what the
//! first look finds is what is there.
//!
//! Nearly every commit is new and meets what it expects, and most could not do so twice. So the
//! first pass looks for the commit's id only when it may be known, and leaves it to the unique
//! indexes to tell that an id is used after all; the careful pass, which follows then, always looks.

use super::head::{self, Next};
use super::insert;
use super::session::Session;
use super::work::Pass;
use crate::codec;
use crate::error::of_rusqlite;
use crate::prepared::{Prepared, RecordTexts};
use crate::seen::Seen;
use governance_persistence::{
    Commit, Error, Expected, ExperimentKey, Receipt, Record, RecordKind, Result, Sequence, Timestamp,
};
use rusqlite::{OptionalExtension, params};

pub(super) fn apply(session: &mut Session<'_>, prepared: &Prepared, pass: Pass) -> Result<Receipt> {
    let Prepared { commit, texts } = prepared;
    let key = commit.key();
    let row = head::find(session, key)?;
    let head = head::decode(key, row.as_ref())?;
    let refused = commit.check_against(&head);
    if let Some(row) = &row
        && (pass == Pass::Careful || refused.is_err() || may_repeat(commit))
        && let Some(seen) = find_commit(session, key, row.id, &texts.commit_id)?
    {
        return seen.answer(commit);
    }
    refused?;
    let recorded_at = head.recorded_at.map_or_else(Timestamp::now, |before| before.max(Timestamp::now()));
    let sequence = codec::count(head.sequence) + 1;
    let next = Next {
        sequence,
        recorded_at,
        latest_version: commit.version_range().map(|(_, last)| last),
        commit_id: &texts.commit_id,
        state: commit.state(),
    };
    let id = head::put(session, key, row.map(|row| row.id), &next)?;
    insert::log(session, key, (id, sequence, recorded_at), texts)?;
    insert::records(session, id, sequence, (commit.records(), &texts.records)).map_err(|(index, error)| {
        let refused = (&commit.records()[index..], &texts.records[index..]);
        why_refused(session, key, (id, sequence), refused, error)
    })?;
    Ok(Receipt::applied(commit, Sequence::try_from(sequence)?, recorded_at))
}

/// Would what it expects still be true if it had been applied before? Of any other commit, that it
/// is not true tells that it may have been.
fn may_repeat(commit: &Commit) -> bool {
    match commit.expected() {
        Expected::Any => true,
        Expected::Absent | Expected::Match(_) => commit.state().is_none(),
        Expected::At(_) => false,
    }
}

const FIND_COMMIT: &str = "SELECT sequence, fingerprint, recorded_at FROM governance_commits \
                           WHERE experiment_id = ?1 AND commit_id = ?2";

pub(super) fn find_commit(
    session: &mut Session<'_>,
    key: &ExperimentKey,
    experiment_id: i64,
    id: &str,
) -> Result<Option<Seen>> {
    let mut find = || {
        let statement = session.statement(FIND_COMMIT)?;
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?));
        statement.query_row(params![experiment_id, id], row).optional()
    };
    let found = find().map_err(|error| of_rusqlite("looking for the commit", error))?;
    found.map(|(sequence, fingerprint, recorded_at)| Seen::decode(key, sequence, &fingerprint, recorded_at)).transpose()
}

/// Why the first of these records was refused: one of them is there already, or something else.
fn why_refused(
    session: &mut Session<'_>,
    key: &ExperimentKey,
    (experiment_id, sequence): (i64, i64),
    (records, texts): (&[Record], &[RecordTexts]),
    error: rusqlite::Error,
) -> Error {
    if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) {
        match find_record(session, key, (experiment_id, sequence), (records, texts)) {
            Ok(Some((index, found))) => {
                let (kind, id) = (records[index].kind(), records[index].id());
                return Error::RecordIdReused { key: key.clone(), kind, id, sequence: found };
            }
            Ok(None) => {}
            Err(error) => return error,
        }
    }
    of_rusqlite("writing a record", error)
}

/// The first of these records whose id stands in an earlier commit.
pub(super) fn find_record(
    session: &mut Session<'_>,
    key: &ExperimentKey,
    (experiment_id, before): (i64, i64),
    (records, texts): (&[Record], &[RecordTexts]),
) -> Result<Option<(usize, Sequence)>> {
    for (index, (record, texts)) in records.iter().zip(texts).enumerate() {
        let mut find = || {
            let statement = session.statement(find_in(record.kind()))?;
            statement.query_row(params![experiment_id, texts.id, before], |row| row.get::<_, i64>(0)).optional()
        };
        if let Some(sequence) = find().map_err(|error| of_rusqlite("looking for a record", error))? {
            return Ok(Some((index, codec::sequence(key, sequence)?)));
        }
    }
    Ok(None)
}

macro_rules! find_in {
    ($table:literal) => {
        concat!("SELECT sequence FROM ", $table, " WHERE experiment_id = ?1 AND id = ?2 AND sequence < ?3")
    };
}

fn find_in(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Transition => find_in!("state_transitions"),
        RecordKind::Approval => find_in!("approval_records"),
        RecordKind::Version => find_in!("configuration_versions"),
        RecordKind::Definition => find_in!("policy_definitions"),
        RecordKind::Evaluation => find_in!("policy_evaluations"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::plans::explain;

    #[test]
    fn an_id_is_found_by_its_index_alone_however_long_the_history_is() {
        let commit = (FIND_COMMIT, "governance_commits_by_commit_id (commit_id=? AND experiment_id=?)".to_owned());
        let records = RecordKind::ALL.iter().map(|kind| {
            let text = find_in(*kind);
            let table = text.split(' ').nth(3).unwrap_or_default();
            (text, format!("{table}_by_id (id=? AND experiment_id=?)"))
        });
        for (text, index) in std::iter::once(commit).chain(records) {
            let plan = explain(text);
            assert!(plan.contains(&index) && !plan.contains('\n'), "{text}\n{plan}");
        }
    }
}
