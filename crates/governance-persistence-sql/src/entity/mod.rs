//! The tables as SeaORM entities, one a file. Text holds identifiers, enums by name, and canonical
//! JSON; instants are microseconds since 1970, UTC; an empty tenant or environment is none.

pub(crate) mod approval_record;
pub(crate) mod configuration_version;
pub(crate) mod experiment_state;
pub(crate) mod governance_commit;
pub(crate) mod governance_ephemeral;
mod json_text;
pub(crate) mod policy_definition;
pub(crate) mod policy_evaluation;
pub(crate) mod state_transition;

pub(crate) use json_text::JsonText;
