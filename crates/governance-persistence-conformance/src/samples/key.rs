//! Keys that no other test uses.

use governance_persistence::ExperimentKey;
use uuid::Uuid;

/// Text that nobody has used before.
pub fn unique(prefix: &str) -> String {
    format!("{prefix}-{}", Uuid::new_v4().simple())
}

/// An experiment in a tenant of its own.
pub fn key() -> ExperimentKey {
    scope(Some("production"), "checkout")
}

/// An experiment of this environment and name in a tenant of its own.
pub fn scope(environment: Option<&str>, name: &str) -> ExperimentKey {
    ExperimentKey::from_parts(Some(&unique("tenant")), environment, name).expect("the parts of the sample are valid")
}
