//! How many people must approve, and who of them counts.

use crate::{Error, Result};
use governance_persistence::JsonObject;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::num::NonZeroU32;

/// May people approve what they asked for themselves?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum SelfApproval {
    /// They may.
    #[default]
    Allowed,
    /// They may not: four eyes.
    Forbidden,
}

/// How many people must approve, and who of them counts. One rejection rejects.
///
/// ```
/// use governance::persistence::LifecycleState::Approved;
/// use governance::{ManualGate, Moves, Quorum, SelfApproval};
///
/// let two_others = Quorum::of(2)?.self_approval(SelfApproval::Forbidden);
/// assert!(!two_others.counts("alice", Some("alice")));
/// let review = ManualGate::new("review", Moves::into(Approved)).quorum(two_others);
/// # Ok::<(), governance::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Quorum {
    approvals: NonZeroU32,
    self_approval: SelfApproval,
}

impl Quorum {
    /// One person, whoever it is.
    pub const ONE: Self = Self { approvals: NonZeroU32::MIN, self_approval: SelfApproval::Allowed };

    /// So many different people.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for none.
    pub fn of(approvals: u32) -> Result<Self> {
        let approvals =
            NonZeroU32::new(approvals).ok_or_else(|| Error::invalid("approvals", "is 0", "at least one approver"))?;
        Ok(Self { approvals, ..Self::ONE })
    }

    /// The same with another rule about one's own requests.
    #[must_use]
    pub fn self_approval(mut self, rule: SelfApproval) -> Self {
        self.self_approval = rule;
        self
    }

    /// How many different people must approve.
    pub fn approvals(self) -> u32 {
        self.approvals.get()
    }

    /// May people approve what they asked for themselves?
    pub fn get_self_approval(self) -> SelfApproval {
        self.self_approval
    }

    /// Does the word of this approver count on a request of this requester?
    pub fn counts(self, approver: &str, requester: Option<&str>) -> bool {
        self.self_approval == SelfApproval::Allowed || requester != Some(approver)
    }

    /// Does it want more people than the other, or leave out some who count there?
    pub(crate) fn is_stricter_than(self, other: Self) -> bool {
        let leaves_out = self.self_approval == SelfApproval::Forbidden && other.self_approval == SelfApproval::Allowed;
        self.approvals > other.approvals || leaves_out
    }

    /// The quorum that a request says it needs.
    pub(crate) fn of_request(metadata: &JsonObject) -> Self {
        let ours = metadata.get(crate::lifecycle::OURS);
        let quorum = ours.and_then(|mut ours| serde_json::from_value(ours.get_mut("quorum")?.take()).ok());
        // A request that does not say was made by hand; the gate judges at the move anyhow.
        quorum.unwrap_or(Self::ONE)
    }
}

impl fmt::Display for Quorum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.self_approval {
            SelfApproval::Allowed => write!(f, "{} approvals", self.approvals),
            SelfApproval::Forbidden => write!(f, "{} approvals by others than who asked", self.approvals),
        }
    }
}
