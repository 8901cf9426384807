//! The tables as SeaORM entities, one a file. Text holds identifiers, enums by name, and canonical
//! JSON; instants are microseconds since 1970, UTC; an empty tenant or environment is none.

pub(crate) mod approval_record;
mod by_position;
pub(crate) mod configuration_version;
pub(crate) mod experiment_state;
pub(crate) mod governance_commit;
pub(crate) mod governance_ephemeral;
mod json_text;
pub(crate) mod policy_definition;
pub(crate) mod policy_evaluation;
pub(crate) mod state_transition;

pub(crate) use by_position::{ByPosition, Row, column};
pub(crate) use json_text::JsonText;

/// The table of a kind of records.
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(crate) fn table_of(kind: governance_persistence::RecordKind) -> &'static str {
    use governance_persistence::RecordKind;
    use sea_orm::EntityName;
    match kind {
        RecordKind::Transition => state_transition::Entity.table_name(),
        RecordKind::Approval => approval_record::Entity.table_name(),
        RecordKind::Version => configuration_version::Entity.table_name(),
        RecordKind::Definition => policy_definition::Entity.table_name(),
        RecordKind::Evaluation => policy_evaluation::Entity.table_name(),
    }
}
