//! The lifecycle of an experiment: its states and the moves between them.

use super::named::named_enum;

named_enum! {
    /// Where an experiment is in its life. Stored by name.
    pub enum LifecycleState, called "lifecycle state" {
        /// Being written.
        Draft = "Draft",
        /// Waiting for approval.
        PendingApproval = "PendingApproval",
        /// Approved, not yet running.
        Approved = "Approved",
        /// Refused.
        Rejected = "Rejected",
        /// Running.
        Running = "Running",
        /// Running, with its share of traffic being raised.
        Ramping = "Ramping",
        /// Stopped for now.
        Paused = "Paused",
        /// Taken back to an earlier configuration.
        RolledBack = "RolledBack",
        /// At its end.
        Archived = "Archived",
    }
}

impl LifecycleState {
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
