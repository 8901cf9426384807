//! Appending to the log and to the tables of history.

use super::session::Session;
use crate::codec;
use crate::error::of_rusqlite;
use crate::prepared::{RecordTexts, Texts};
use governance_persistence::{
    Error, ExperimentKey, LifecycleState, Record, Result, Sequence, Timestamp, VersionNumber,
};
use rusqlite::params;

pub(super) fn log(
    session: &mut Session<'_>,
    key: &ExperimentKey,
    (experiment_id, sequence, recorded_at): (i64, i64, Timestamp),
    texts: &Texts,
) -> Result<()> {
    let mut insert = || {
        let statement = session.statement(
            "INSERT INTO governance_commits (experiment_id, sequence, commit_id, fingerprint, recorded_at, state) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let Texts { commit_id, fingerprint, state, .. } = texts;
        statement.execute(params![experiment_id, sequence, commit_id, fingerprint, recorded_at.unix_micros(), state])
    };
    insert().map(|_| ()).map_err(|error| match error.sqlite_error_code() {
        // Its id was looked for before, or will be in the careful pass: so it is the place that is
        // taken.
        Some(rusqlite::ErrorCode::ConstraintViolation) => {
            let problem = format!("the log goes on behind the head: {error}");
            Sequence::try_from(sequence).map_or_else(|error| error, |at| Error::corrupt(key, at, problem))
        }
        _ => of_rusqlite("writing the log", error),
    })
}

/// Appends the records, and gives the index of the first that the database refused.
pub(super) fn records(
    session: &mut Session<'_>,
    experiment_id: i64,
    sequence: i64,
    (records, texts): (&[Record], &[RecordTexts]),
) -> Result<(), (usize, rusqlite::Error)> {
    (0_i64..).zip(records.iter().zip(texts)).try_for_each(|(ordinal, record)| {
        let inserted = insert(session, (experiment_id, sequence, ordinal), record);
        inserted.map(|_| ()).map_err(|error| (usize::try_from(ordinal).unwrap_or_default(), error))
    })
}

fn state_name(state: Option<LifecycleState>) -> Option<&'static str> {
    state.map(LifecycleState::as_str)
}

fn number(version: Option<VersionNumber>) -> Option<i64> {
    version.map(codec::number)
}

fn insert(
    session: &mut Session<'_>,
    (experiment_id, sequence, ordinal): (i64, i64, i64),
    (record, texts): (&Record, &RecordTexts),
) -> rusqlite::Result<usize> {
    let RecordTexts { id, transition_id, hash } = texts;
    let at = record.timestamp().unix_micros();
    match record {
        Record::Transition(r) => session
            .statement(
                "INSERT INTO state_transitions (experiment_id, sequence, ordinal, id, timestamp, \
                 from_state, to_state, actor, reason, metadata) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(params![
                experiment_id,
                sequence,
                ordinal,
                id,
                at,
                r.from.as_str(),
                r.to.as_str(),
                r.actor,
                r.reason,
                r.metadata.as_str(),
            ]),
        Record::Approval(r) => session
            .statement(
                "INSERT INTO approval_records (experiment_id, sequence, ordinal, id, timestamp, transition_id, \
                 from_state, to_state, decision, approver, requested_by, reason, gate, configuration_version, \
                 configuration_hash, metadata) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            )?
            .execute(params![
                experiment_id,
                sequence,
                ordinal,
                id,
                at,
                transition_id,
                state_name(r.from),
                r.to.as_str(),
                r.decision.as_str(),
                r.approver,
                r.requested_by,
                r.reason,
                r.gate,
                number(r.configuration_version),
                hash,
                r.metadata.as_str(),
            ]),
        Record::Version(r) => session
            .statement(
                "INSERT INTO configuration_versions (experiment_id, sequence, ordinal, id, created_at, number, \
                 configuration, created_by, change_description, lifecycle_state, hash, is_rollback, \
                 rolled_back_from, restored_version, metadata) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            )?
            .execute(params![
                experiment_id,
                sequence,
                ordinal,
                id,
                at,
                codec::number(r.number),
                r.configuration.as_str(),
                r.created_by,
                r.change_description,
                state_name(r.lifecycle_state),
                hash,
                r.is_rollback,
                number(r.rolled_back_from),
                number(r.restored_version),
                r.metadata.as_str(),
            ]),
        Record::Definition(r) => session
            .statement(
                "INSERT INTO policy_definitions (experiment_id, sequence, ordinal, id, timestamp, name, version, \
                 kind, parameters, enabled, actor, metadata) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?
            .execute(params![
                experiment_id,
                sequence,
                ordinal,
                id,
                at,
                r.name,
                codec::number(r.version),
                r.kind,
                r.parameters.as_str(),
                r.enabled,
                r.actor,
                r.metadata.as_str(),
            ]),
        Record::Evaluation(r) => session
            .statement(
                "INSERT INTO policy_evaluations (experiment_id, sequence, ordinal, id, timestamp, policy, compliant, \
                 reason, severity, current_state, target_state, metadata) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?
            .execute(params![
                experiment_id,
                sequence,
                ordinal,
                id,
                at,
                r.policy,
                r.compliant,
                r.reason,
                r.severity.as_str(),
                state_name(r.current_state),
                state_name(r.target_state),
                r.metadata.as_str(),
            ]),
    }
}
