//! Applying a log entry of another backplane inside the writer's transaction.

use super::commit::{find_commit, find_record};
use super::head::{self, Next};
use super::insert;
use super::session::Session;
use crate::codec;
use crate::error::of_rusqlite;
use crate::prepared::Texts;
use crate::seen::Seen;
use governance_persistence::{LogEntry, Replicated, Result};
use rusqlite::params;

pub(super) fn apply(session: &mut Session<'_>, entry: &LogEntry, texts: &Texts) -> Result<Replicated> {
    let key = &entry.key;
    let row = head::find(session, key)?;
    let head = head::decode(key, row.as_ref())?;
    if entry.sequence > head.sequence.next() {
        return Ok(Replicated::Gap { head: head.sequence });
    }
    let diverged = Ok(Replicated::Diverged { sequence: entry.sequence });
    let sequence = codec::count(entry.sequence);
    if let Some(row) = &row {
        if entry.sequence <= head.sequence {
            return if is_there(session, row.id, entry, texts)? { Ok(Replicated::AlreadyApplied) } else { diverged };
        }
        let clash = find_commit(session, key, row.id, &texts.commit_id)?.is_some()
            || head.recorded_at > Some(entry.recorded_at)
            || find_record(session, key, (row.id, sequence), (&entry.records, &texts.records))?.is_some();
        if clash {
            return diverged;
        }
    }
    let versions = entry.version_range();
    if versions.is_some_and(|(first, _)| head.version_clash(first).is_some()) {
        return diverged;
    }
    let next = Next {
        sequence,
        recorded_at: entry.recorded_at,
        latest_version: versions.map(|(_, last)| last),
        commit_id: &texts.commit_id,
        state: entry.state.as_ref(),
    };
    let id = head::put(session, key, row.map(|row| row.id), &next)?;
    insert::log(session, key, (id, sequence, entry.recorded_at), texts)?;
    insert::records(session, id, sequence, (&entry.records, &texts.records))
        .map_err(|(_, error)| of_rusqlite("writing a record", error))?;
    Ok(Replicated::Applied)
}

/// Does the very same entry stand at its sequence?
fn is_there(session: &mut Session<'_>, experiment_id: i64, entry: &LogEntry, texts: &Texts) -> Result<bool> {
    let mut find = || {
        let statement = session.statement(
            "SELECT commit_id, fingerprint, recorded_at FROM governance_commits \
             WHERE experiment_id = ?1 AND sequence = ?2",
        )?;
        let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get(2)?));
        statement.query_row(params![experiment_id, codec::count(entry.sequence)], row)
    };
    let (id, fingerprint, recorded_at) = find().map_err(|error| of_rusqlite("reading the log", error))?;
    let stored = Seen::decode(&entry.key, codec::count(entry.sequence), &fingerprint, recorded_at)?;
    Ok(id == texts.commit_id && stored.fingerprint == entry.fingerprint)
}
