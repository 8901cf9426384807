//! Where an experiment stands.

use governance_persistence::{ETag, Head, LifecycleState, VersionNumber};

/// Where an experiment stands, in the words of its lifecycle.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Standing {
    /// The lifecycle state: the initial one if none was ever saved.
    pub state: LifecycleState,
    /// All that the backplane knows at one look: who set the state, when, how many commits there
    /// are, and the latest version.
    pub head: Head,
}

impl Standing {
    /// The version of the state, for [`TransitionRequest::if_match`](crate::TransitionRequest::if_match);
    /// none if no state was ever saved.
    pub fn etag(&self) -> Option<ETag> {
        self.head.etag()
    }

    /// The configuration version that is in effect; a later one may have been written already.
    pub fn version_in_effect(&self) -> Option<VersionNumber> {
        self.head.state.as_ref().and_then(|state| state.configuration_version)
    }
}
