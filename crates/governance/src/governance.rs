//! The facade: all managers on one backplane.

use crate::setup::Setup;
use crate::{Approvals, GovernanceBuilder, Lifecycle, Policies, Versions};
use governance_persistence::Backplane;
use std::sync::Arc;

/// All managers on one backplane. Cloning is cheap; clones are one.
///
/// ```
/// use governance::Governance;
/// use governance::persistence::{ExperimentKey, InMemoryBackplane, LifecycleState};
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let governance = Governance::builder().persistence(InMemoryBackplane::new()).build()?;
/// let standing = governance.lifecycle().state(&ExperimentKey::new("checkout")?).await?;
/// assert_eq!(standing.state, LifecycleState::Draft);
/// # Ok::<(), governance::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Governance(pub(crate) Arc<Setup>);

impl Governance {
    /// Starts to set governance up.
    pub fn builder() -> GovernanceBuilder {
        GovernanceBuilder::new()
    }

    /// The lifecycle: where experiments are, and how they move.
    pub fn lifecycle(&self) -> Lifecycle {
        Lifecycle(Arc::clone(&self.0))
    }

    /// Approvals: asking people, and deciding.
    pub fn approvals(&self) -> Approvals {
        Approvals(Arc::clone(&self.0))
    }

    /// Versions: configurations, their differences, and going back.
    pub fn versions(&self) -> Versions {
        Versions(Arc::clone(&self.0))
    }

    /// Policies: evaluating them, and what they found.
    pub fn policies(&self) -> Policies {
        Policies(Arc::clone(&self.0))
    }

    /// The backplane, for what needs no judging: logs, replication, listing experiments.
    pub fn backplane(&self) -> &Arc<dyn Backplane> {
        &self.0.backplane
    }
}
