//! From rows to the core's types. What does not decode is corrupt.

use crate::entity::{
    approval_record, configuration_version, experiment_state, governance_commit, policy_definition, policy_evaluation,
    state_transition,
};
#[cfg(any(feature = "mysql", feature = "postgres"))]
use governance_persistence::limits;
use governance_persistence::{
    ApprovalRecord, ConfigurationDraft, Error, ExperimentKey, ExperimentState, Fingerprint, Head, Json, JsonObject,
    LogEntry, Place, PolicyDefinition, PolicyEvaluation, Record, Result, Sequence, StateChange, StateTransition,
    Timestamp, VersionNumber,
};
use std::fmt::Display;
use std::{str::FromStr, sync::Arc};

/// How a missing tenant or environment is stored: the empty text, which no name can be.
pub(crate) fn scope(part: Option<&str>) -> &str {
    part.unwrap_or("")
}

/// A sequence as a column holds it. It is at most 2^53 - 1.
pub(crate) fn count(sequence: Sequence) -> i64 {
    sequence.get().cast_signed()
}

/// A version's number as a column holds it. It is at most 2^53 - 1.
pub(crate) fn number(version: VersionNumber) -> i64 {
    version.get().cast_signed()
}

/// The condition that a head has numbers that another commit can follow, as SQL. What decodes meets it.
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(crate) fn can_go_on(table: &str) -> String {
    let (last, from, to) = (limits::MAX_COUNT - 1, Timestamp::MIN.unix_micros(), Timestamp::MAX.unix_micros());
    format!("{table}sequence BETWEEN 0 AND {last} AND {table}recorded_at BETWEEN {from} AND {to}")
}

/// The key of a head's row.
pub(crate) fn key(row: &experiment_state::Model) -> Result<ExperimentKey> {
    let scope = |part: &'_ str| (!part.is_empty()).then(|| part.to_owned());
    let (tenant, environment) = (scope(&row.tenant), scope(&row.environment));
    ExperimentKey::from_parts(tenant.as_deref(), environment.as_deref(), &row.name).map_err(|error| {
        let reason = format!("experiment_states holds a key that cannot be one, in the row of id {}", row.id);
        Error::Backend { reason: reason.into(), source: Some(Box::new(error)) }
    })
}

pub(crate) fn head(key: &ExperimentKey, row: &experiment_state::Model) -> Result<Head> {
    let sequence = sequence(key, row.sequence)?;
    let decode = || {
        let mut head = Head::empty(key.clone());
        head.sequence = sequence;
        head.recorded_at = Some(Timestamp::from_unix_micros(row.recorded_at)?);
        head.latest_version = latest_version(row.latest_version)?;
        head.pruned_through = Sequence::try_from(row.pruned_through)?;
        head.state = row.etag.as_ref().map(|etag| state(key, etag, row)).transpose()?.map(Arc::new);
        Ok(head)
    };
    decode().map_err(|error| corrupt(key, sequence, "the head", &error))
}

/// 0 stands for no version.
pub(crate) fn latest_version(stored: i64) -> Result<Option<VersionNumber>> {
    if stored == 0 { Ok(None) } else { VersionNumber::try_from(stored).map(Some) }
}

fn state(key: &ExperimentKey, etag: &str, row: &experiment_state::Model) -> Result<ExperimentState> {
    let missing = |field: &str| Error::invalid(field, "is NULL beside an ETag", "a value");
    let lifecycle = row.lifecycle_state.as_ref().ok_or_else(|| missing("lifecycle_state"))?;
    let last_modified = row.last_modified.ok_or_else(|| missing("last_modified"))?;
    let metadata = row.metadata.as_ref().ok_or_else(|| missing("metadata"))?;
    let mut change = StateChange::to(exact(lifecycle)?).at(Timestamp::from_unix_micros(last_modified)?);
    change.configuration_version = version(row.configuration_version)?;
    change.last_modified_by = row.last_modified_by.clone();
    change.metadata = object(metadata.0.clone())?;
    Ok(change.into_state(key.clone(), exact(etag)?))
}

pub(crate) fn log_entry(key: &ExperimentKey, row: governance_commit::Model, records: Vec<Record>) -> Result<LogEntry> {
    let sequence = sequence(key, row.sequence)?;
    let decode = || {
        let state: Option<StateChange> = match row.state {
            Some(text) => Some(Json::from_canonical(text.0)?.decode()?),
            None => None,
        };
        let fingerprint: Fingerprint = exact(&row.fingerprint)?;
        let recorded_at = Timestamp::from_unix_micros(row.recorded_at)?;
        let (place, commit) = ((key.clone(), sequence), (exact(&row.commit_id)?, fingerprint));
        Ok(LogEntry::from_parts(place, commit, recorded_at, state, records))
    };
    decode().map_err(|error| corrupt(key, sequence, "the commit", &error))
}

/// The error of a row that does not decode.
pub(crate) fn corrupt(key: &ExperimentKey, sequence: Sequence, what: &str, error: &Error) -> Error {
    let problem = match error {
        Error::Invalid(invalid) => {
            let faults: Vec<_> = invalid.faults().iter().map(ToString::to_string).collect();
            faults.join("; ")
        }
        other => other.to_string(),
    };
    Error::corrupt(key, sequence, format!("{what} does not decode: {problem}"))
}

/// A place from its two columns.
pub(crate) fn place(sequence: i64, ordinal: i64) -> Result<Place> {
    let wrong = |_| Error::invalid("ordinal", format!("is {ordinal}"), "a number from 0 on");
    Ok(Place::new(sequence.try_into()?, u32::try_from(ordinal).map_err(wrong)?))
}

fn object(text: String) -> Result<JsonObject> {
    Json::from_canonical(text)?.try_into()
}

fn version(stored: Option<i64>) -> Result<Option<VersionNumber>> {
    stored.map(VersionNumber::try_from).transpose()
}

/// A value from the very text that it is stored as. Another spelling of it would be read the same,
/// but not be found.
pub(crate) fn exact<T: FromStr<Err = Error> + Display>(stored: &str) -> Result<T> {
    let value: T = stored.parse()?;
    let expected = value.to_string();
    if expected == stored {
        Ok(value)
    } else {
        Err(Error::invalid("stored text", format!("is {stored:?}"), format!("{expected:?}")))
    }
}

fn parse<T: FromStr<Err = Error> + Display>(stored: Option<&String>) -> Result<Option<T>> {
    stored.map(|text| exact(text)).transpose()
}

/// A sequence out of a column that holds nothing else.
pub(crate) fn sequence(key: &ExperimentKey, stored: i64) -> Result<Sequence> {
    let corrupt = |error| corrupt(key, Sequence::ZERO, "a sequence", &error);
    Sequence::try_from(stored).map_err(corrupt)
}

pub(crate) fn transition(row: state_transition::Model) -> Result<Record> {
    let mut record = StateTransition::new(exact(&row.from_state)?, exact(&row.to_state)?, row.actor)
        .with_id(exact(&row.id)?)
        .with_metadata(object(row.metadata.0)?)
        .at(Timestamp::from_unix_micros(row.timestamp)?);
    record.reason = row.reason;
    Ok(record.into())
}

pub(crate) fn approval(row: approval_record::Model) -> Result<Record> {
    let mut record = ApprovalRecord::request(exact(&row.to_state)?, "")
        .with_id(exact(&row.id)?)
        .with_metadata(object(row.metadata.0)?)
        .at(Timestamp::from_unix_micros(row.timestamp)?);
    record.transition_id = exact(&row.transition_id)?;
    record.decision = exact(&row.decision)?;
    record.from = parse(row.from_state.as_ref())?;
    record.approver = row.approver;
    record.requested_by = row.requested_by;
    record.reason = row.reason;
    record.gate = row.gate;
    record.configuration_version = version(row.configuration_version)?;
    record.configuration_hash = parse(row.configuration_hash.as_ref())?;
    Ok(record.into())
}

pub(crate) fn configuration(row: configuration_version::Model) -> Result<Record> {
    let configuration = Json::from_canonical(row.configuration.0)?;
    let mut record = ConfigurationDraft::hashed(configuration, exact(&row.hash)?, row.created_by)
        .with_id(exact(&row.id)?)
        .with_metadata(object(row.metadata.0)?)
        .at(Timestamp::from_unix_micros(row.created_at)?)
        .numbered(row.number.try_into()?);
    record.change_description = row.change_description;
    record.lifecycle_state = parse(row.lifecycle_state.as_ref())?;
    record.is_rollback = row.is_rollback;
    record.rolled_back_from = version(row.rolled_back_from)?;
    record.restored_version = version(row.restored_version)?;
    Ok(record.into())
}

pub(crate) fn definition(row: policy_definition::Model) -> Result<Record> {
    let mut record = PolicyDefinition::new(row.name, row.kind, object(row.parameters.0)?, row.actor)
        .with_id(exact(&row.id)?)
        .with_version(row.version.try_into()?)
        .with_metadata(object(row.metadata.0)?)
        .at(Timestamp::from_unix_micros(row.timestamp)?);
    record.enabled = row.enabled;
    Ok(record.into())
}

pub(crate) fn evaluation(row: policy_evaluation::Model) -> Result<Record> {
    let mut record = PolicyEvaluation::new(row.policy, row.compliant, exact(&row.severity)?)
        .with_id(exact(&row.id)?)
        .with_metadata(object(row.metadata.0)?)
        .at(Timestamp::from_unix_micros(row.timestamp)?);
    record.reason = row.reason;
    record.current_state = parse(row.current_state.as_ref())?;
    record.target_state = parse(row.target_state.as_ref())?;
    Ok(record.into())
}
