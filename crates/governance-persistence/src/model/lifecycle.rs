//! The lifecycle of an experiment: its states and the moves between them.

use super::by_name;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Where an experiment is in its life. Stored by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LifecycleState {
    /// Being written.
    Draft,
    /// Waiting for approval.
    PendingApproval,
    /// Approved, not yet running.
    Approved,
    /// Refused.
    Rejected,
    /// Running.
    Running,
    /// Running, with its share of traffic being raised.
    Ramping,
    /// Stopped for now.
    Paused,
    /// Taken back to an earlier configuration.
    RolledBack,
    /// At its end.
    Archived,
}

impl LifecycleState {
    /// All states, in the order of a life.
    pub const ALL: [Self; 9] = [
        Self::Draft,
        Self::PendingApproval,
        Self::Approved,
        Self::Rejected,
        Self::Running,
        Self::Ramping,
        Self::Paused,
        Self::RolledBack,
        Self::Archived,
    ];

    /// The name, as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::PendingApproval => "PendingApproval",
            Self::Approved => "Approved",
            Self::Rejected => "Rejected",
            Self::Running => "Running",
            Self::Ramping => "Ramping",
            Self::Paused => "Paused",
            Self::RolledBack => "RolledBack",
            Self::Archived => "Archived",
        }
    }

    /// The states that the standard lifecycle allows next. A backplane stores what it is given;
    /// whoever decides about transitions enforces this table, or one of their own.
    pub const fn successors(self) -> &'static [Self] {
        match self {
            Self::Draft => &[Self::PendingApproval, Self::Archived],
            Self::PendingApproval => &[Self::Approved, Self::Rejected, Self::Draft],
            Self::Approved => &[Self::Running, Self::Ramping, Self::Archived],
            Self::Running => &[Self::Ramping, Self::Paused, Self::RolledBack, Self::Archived],
            Self::Ramping => &[Self::Running, Self::Paused, Self::RolledBack, Self::Archived],
            Self::Paused => &[Self::Running, Self::Ramping, Self::RolledBack, Self::Archived],
            Self::RolledBack | Self::Rejected => &[Self::Draft, Self::Archived],
            Self::Archived => &[],
        }
    }
}

impl fmt::Display for LifecycleState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for LifecycleState {
    type Err = Error;

    /// Reads a name without regard to case, hyphens and underscores.
    fn from_str(text: &str) -> Result<Self> {
        by_name("lifecycle state", text, Self::ALL.map(|state| (state.as_str(), state)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_read_back_by_its_name() {
        for state in LifecycleState::ALL {
            assert_eq!(state.as_str().parse::<LifecycleState>().unwrap(), state);
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        assert_eq!("rolled-back".parse::<LifecycleState>().unwrap(), LifecycleState::RolledBack);
        assert!("Launched".parse::<LifecycleState>().is_err());
    }
}
