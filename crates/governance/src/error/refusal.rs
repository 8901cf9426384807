//! Why gates and policies refused a move.

use crate::Quorum;
use governance_persistence::{ExperimentKey, LifecycleState, Receipt, RecordId, VersionNumber};
use std::fmt;

/// A move that gates or policies refused. The experiment is where it was; the refusal is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The experiment.
    pub key: ExperimentKey,
    /// The state it is in.
    pub from: LifecycleState,
    /// The state it was to enter.
    pub to: LifecycleState,
    /// Who tried.
    pub actor: String,
    /// All that stands against it.
    pub objections: Vec<Objection>,
    /// Where the refusal was recorded.
    pub receipt: Receipt,
}

/// One thing that stands against a move.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Objection {
    /// A gate is closed.
    Gate {
        /// Its name.
        gate: String,
        /// Why it is closed.
        cause: GateObjection,
    },
    /// A critical policy is not complied with.
    Policy {
        /// Its name.
        policy: String,
        /// Why not, and what would be right.
        reason: Option<String>,
        /// The evaluation that says so.
        evaluation: RecordId,
        /// Is the policy set up here? If not, nobody here can evaluate it anew; if nobody elsewhere does
        /// either, [`Policies::disable`](crate::Policies::disable) switches it off.
        is_set_up: bool,
    },
}

/// Why a gate is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GateObjection {
    /// The gate rejected the attempt.
    Rejected {
        /// Why.
        reason: String,
    },
    /// The gate could not judge.
    Failed {
        /// What went wrong.
        error: String,
    },
    /// People have to approve, and nobody has asked them since the experiment entered its state.
    NotRequested {
        /// How many have to.
        needed: u32,
    },
    /// People were asked, and not enough approved so far.
    Waiting {
        /// The transition that they were asked about.
        transition_id: RecordId,
        /// Who approved, and counts.
        approved_by: Vec<String>,
        /// How many have to.
        needed: u32,
    },
    /// People were asked when fewer had to approve, or others counted, and the gate wants more since: ask
    /// again.
    QuorumRaised {
        /// What they were asked for.
        asked: Quorum,
        /// What the gate wants.
        now: Quorum,
    },
    /// Somebody rejected it.
    RejectedBy {
        /// Who.
        approver: String,
        /// Why.
        reason: Option<String>,
    },
    /// People were asked about another configuration than the one there is now: ask again.
    ConfigurationChanged {
        /// The version that they were asked about.
        approved: Option<VersionNumber>,
        /// The version there is now.
        now: Option<VersionNumber>,
    },
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, from, to, actor, objections, .. } = self;
        write!(f, "{key} may not go from {from} to {to} for {actor}: ")?;
        for (index, objection) in objections.iter().enumerate() {
            let between = if index == 0 { "" } else { "; " };
            write!(f, "{between}{objection}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gate { gate, cause } => write!(f, "gate {gate:?}: {cause}"),
            Self::Policy { policy, reason: Some(reason), .. } => write!(f, "policy {policy:?}: {reason}"),
            Self::Policy { policy, reason: None, .. } => write!(f, "policy {policy:?}: not compliant"),
        }
    }
}

impl fmt::Display for GateObjection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = |number: &Option<VersionNumber>| {
            number.map_or_else(|| "no configuration".to_owned(), |number| format!("version {number}"))
        };
        match self {
            Self::Rejected { reason } => f.write_str(reason),
            Self::Failed { error } => write!(f, "it could not judge: {error}"),
            Self::NotRequested { needed } => {
                write!(f, "it needs {needed} approvals by people; none was asked for since the state was entered")
            }
            Self::Waiting { transition_id, approved_by, needed } => {
                let given = approved_by.len();
                write!(f, "it waits for approvals of transition {transition_id}, {given} of {needed} are given")?;
                if given > 0 {
                    write!(f, ", by {}", approved_by.join(", "))?;
                }
                Ok(())
            }
            Self::QuorumRaised { asked, now } => {
                write!(f, "people were asked for {asked}, but it needs {now} since; ask again")
            }
            Self::RejectedBy { approver, reason: Some(reason) } => write!(f, "rejected by {approver}: {reason}"),
            Self::RejectedBy { approver, reason: None } => write!(f, "rejected by {approver}"),
            Self::ConfigurationChanged { approved, now } => write!(
                f,
                "approval was asked for {}, but the configuration changed since: there is {} now; ask again",
                version(approved),
                version(now)
            ),
        }
    }
}
