//! The facts of experiment governance.

mod approval;
mod lifecycle;
mod policy;
mod record;
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

use crate::{Fault, Result};

/// The value of this name, without regard to case, hyphens and underscores.
fn by_name<T, const N: usize>(field: &str, text: &str, values: [(&'static str, T); N]) -> Result<T> {
    let fold = |text: &str| text.replace(['-', '_'], "").to_ascii_lowercase();
    let names = values.each_ref().map(|(name, _)| *name).join(", ");
    let wanted = fold(text);
    let found = values.into_iter().find(|(name, _)| fold(name) == wanted);
    found
        .map(|(_, value)| value)
        .ok_or_else(|| Fault::new(field, format!("is {text:?}"), format!("one of {names}")).into())
}
