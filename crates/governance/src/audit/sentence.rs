//! A record in words.

use governance_persistence::{ApprovalRecord, ConfigurationVersion, Decision, PolicyEvaluation, Record};
use std::fmt;

pub(super) fn write(f: &mut fmt::Formatter<'_>, record: &Record) -> fmt::Result {
    match record {
        Record::Transition(moved) => {
            write!(f, "{} moved it from {} to {}", moved.actor, moved.from, moved.to)?;
            because(f, moved.reason.as_deref())
        }
        Record::Approval(approval) => of_approval(f, approval),
        Record::Version(version) => of_version(f, version),
        Record::Definition(policy) => {
            let switched = if policy.enabled { "defined" } else { "switched off" };
            write!(f, "{} {switched} policy {:?} (version {})", policy.actor, policy.name, policy.version)
        }
        Record::Evaluation(evaluation) => of_evaluation(f, evaluation),
    }
}

fn of_approval(f: &mut fmt::Formatter<'_>, approval: &ApprovalRecord) -> fmt::Result {
    let nobody = "nobody";
    match approval.decision {
        Decision::Pending => {
            write!(f, "{} asked for the move to {}", approval.requested_by.as_deref().unwrap_or(nobody), approval.to)?;
        }
        Decision::Approved | Decision::Rejected => {
            let decided = if approval.decision == Decision::Approved { "approved" } else { "rejected" };
            write!(f, "{} {decided} the move to {}", approval.approver.as_deref().unwrap_or(nobody), approval.to)?;
        }
    }
    if let Some(gate) = &approval.gate {
        write!(f, " at gate {gate:?}")?;
    }
    if let Some(number) = approval.configuration_version {
        write!(f, ", version {number}")?;
    }
    because(f, approval.reason.as_deref())
}

fn of_version(f: &mut fmt::Formatter<'_>, version: &ConfigurationVersion) -> fmt::Result {
    match version.restored_version {
        Some(restored) => {
            write!(f, "{} brought version {restored} back as version {}", version.created_by, version.number)?;
        }
        None => write!(f, "{} wrote version {}", version.created_by, version.number)?,
    }
    because(f, version.change_description.as_deref())
}

fn of_evaluation(f: &mut fmt::Formatter<'_>, evaluation: &PolicyEvaluation) -> fmt::Result {
    let found = if evaluation.compliant { "is complied with" } else { "is not complied with" };
    write!(f, "policy {:?} ({}) {found}", evaluation.policy, evaluation.severity)?;
    because(f, evaluation.reason.as_deref())
}

fn because(f: &mut fmt::Formatter<'_>, reason: Option<&str>) -> fmt::Result {
    // A line stays a line, whatever people write.
    reason.map_or(Ok(()), |reason| write!(f, " ({})", reason.escape_debug()))
}
