//! The records of a batch: a table a kind, a row a record.

use super::column::{Column, Described, bind, columns};
use crate::codec;
use crate::group::Job;
use crate::prepared::RecordTexts;
use governance_persistence::{
    ApprovalRecord, ConfigurationVersion, LifecycleState, PolicyDefinition, PolicyEvaluation, Record, RecordKind,
    StateTransition, VersionNumber,
};
use sqlx::error::BoxDynError;
use sqlx::postgres::PgArguments;

/// A record, the number of its commit in the batch, counted from 1, and its ordinal in the commit.
struct Placed<'a, R> {
    ord: i64,
    ordinal: i64,
    texts: &'a RecordTexts,
    r: &'a R,
}

/// The columns of a kind's rows; the first tells which commit it belongs to.
pub(super) fn described(kind: RecordKind) -> Vec<Described> {
    fn of<R>(columns: &[Column<R>]) -> Vec<Described> {
        columns.iter().map(Column::described).collect()
    }
    match kind {
        RecordKind::Transition => of(&transition()),
        RecordKind::Approval => of(&approval()),
        RecordKind::Version => of(&version()),
        RecordKind::Definition => of(&definition()),
        RecordKind::Evaluation => of(&evaluation()),
    }
}

/// Binds the records of this kind, if there are any; tells whether there are.
pub(super) fn bind_kind(arguments: &mut PgArguments, kind: RecordKind, jobs: &[&Job]) -> Result<bool, BoxDynError> {
    macro_rules! bind_rows {
        ($variant:ident, $columns:expr) => {{
            let rows = placed(jobs, |record| if let Record::$variant(record) = record { Some(record) } else { None });
            if !rows.is_empty() {
                bind(arguments, &$columns, &rows)?;
            }
            Ok(!rows.is_empty())
        }};
    }
    match kind {
        RecordKind::Transition => bind_rows!(Transition, transition()),
        RecordKind::Approval => bind_rows!(Approval, approval()),
        RecordKind::Version => bind_rows!(Version, version()),
        RecordKind::Definition => bind_rows!(Definition, definition()),
        RecordKind::Evaluation => bind_rows!(Evaluation, evaluation()),
    }
}

fn placed<'a, R>(jobs: &[&'a Job], of_kind: impl Fn(&'a Record) -> Option<&'a R>) -> Vec<Placed<'a, R>> {
    let mut rows = Vec::new();
    for (ord, job) in (1..).zip(jobs) {
        let records = (0..).zip(job.texts().records.iter().zip(job.records()));
        let placed = |(ordinal, (texts, record))| Some(Placed { ord, ordinal, texts, r: of_kind(record)? });
        rows.extend(records.filter_map(placed));
    }
    rows
}

fn state(state: Option<LifecycleState>) -> Option<&'static str> {
    state.map(LifecycleState::as_str)
}

fn number(version: Option<VersionNumber>) -> Option<i64> {
    version.map(codec::number)
}

fn transition<'a>() -> Vec<Column<Placed<'a, StateTransition>>> {
    columns! { row =>
        ord: int8 = row.ord;
        ordinal: int8 = row.ordinal;
        id: text = row.texts.id.as_str();
        timestamp: int8 = row.r.timestamp.unix_micros();
        from_state: text = row.r.from.as_str();
        to_state: text = row.r.to.as_str();
        actor: text = row.r.actor.as_str();
        reason: text = row.r.reason.as_deref();
        metadata: json = row.r.metadata.as_str();
    }
}

fn approval<'a>() -> Vec<Column<Placed<'a, ApprovalRecord>>> {
    columns! { row =>
        ord: int8 = row.ord;
        ordinal: int8 = row.ordinal;
        id: text = row.texts.id.as_str();
        timestamp: int8 = row.r.timestamp.unix_micros();
        transition_id: text = row.texts.transition_id.as_deref();
        from_state: text = state(row.r.from);
        to_state: text = row.r.to.as_str();
        decision: text = row.r.decision.as_str();
        approver: text = row.r.approver.as_deref();
        requested_by: text = row.r.requested_by.as_deref();
        reason: text = row.r.reason.as_deref();
        gate: text = row.r.gate.as_deref();
        configuration_version: int8 = number(row.r.configuration_version);
        configuration_hash: text = row.texts.hash.as_deref();
        metadata: json = row.r.metadata.as_str();
    }
}

fn version<'a>() -> Vec<Column<Placed<'a, ConfigurationVersion>>> {
    columns! { row =>
        ord: int8 = row.ord;
        ordinal: int8 = row.ordinal;
        id: text = row.texts.id.as_str();
        created_at: int8 = row.r.created_at.unix_micros();
        number: int8 = codec::number(row.r.number);
        configuration: json = row.r.configuration.as_str();
        created_by: text = row.r.created_by.as_str();
        change_description: text = row.r.change_description.as_deref();
        lifecycle_state: text = state(row.r.lifecycle_state);
        hash: text = row.texts.hash.as_deref();
        is_rollback: bool = row.r.is_rollback;
        rolled_back_from: int8 = number(row.r.rolled_back_from);
        restored_version: int8 = number(row.r.restored_version);
        metadata: json = row.r.metadata.as_str();
    }
}

fn definition<'a>() -> Vec<Column<Placed<'a, PolicyDefinition>>> {
    columns! { row =>
        ord: int8 = row.ord;
        ordinal: int8 = row.ordinal;
        id: text = row.texts.id.as_str();
        timestamp: int8 = row.r.timestamp.unix_micros();
        name: text = row.r.name.as_str();
        version: int8 = codec::number(row.r.version);
        kind: text = row.r.kind.as_str();
        parameters: json = row.r.parameters.as_str();
        enabled: bool = row.r.enabled;
        actor: text = row.r.actor.as_str();
        metadata: json = row.r.metadata.as_str();
    }
}

fn evaluation<'a>() -> Vec<Column<Placed<'a, PolicyEvaluation>>> {
    columns! { row =>
        ord: int8 = row.ord;
        ordinal: int8 = row.ordinal;
        id: text = row.texts.id.as_str();
        timestamp: int8 = row.r.timestamp.unix_micros();
        policy: text = row.r.policy.as_str();
        compliant: bool = row.r.compliant;
        reason: text = row.r.reason.as_deref();
        severity: text = row.r.severity.as_str();
        current_state: text = state(row.r.current_state);
        target_state: text = state(row.r.target_state);
        metadata: json = row.r.metadata.as_str();
    }
}
