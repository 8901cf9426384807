//! The facts of experiment governance.

mod approval;
mod lifecycle;
pub(crate) mod named;
mod policy;
mod record;
mod setters;
mod state;
mod transition;
mod version;

pub use approval::{ApprovalRecord, Decision};
pub use lifecycle::LifecycleState;
pub use policy::{PolicyDefinition, PolicyEvaluation, Severity};
pub use record::{Record, RecordKind, RecordType, Recorded};
pub use state::{ExperimentState, StateChange};
pub use transition::StateTransition;
pub use version::{ConfigurationDraft, ConfigurationVersion, VersionReference};
