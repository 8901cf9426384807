//! The audit feed: everything that managers commit, as it happens.

mod sentence;
mod tracing_audit;

pub use tracing_audit::TracingAudit;

use crate::Operation;
use governance_persistence::{Commit, ExperimentKey, Receipt, Record, StateChange};
use std::fmt::{self, Debug};
use std::sync::Arc;

/// Is told of everything that managers commit, refusals included, as soon as the backplane has
/// acknowledged it.
///
/// This is a feed, for logs and alerts. The audit trail itself is the experiment's
/// [log](governance_persistence::Backplane::log), which misses nothing: a process that ends between a
/// commit and its event has told nobody.
///
/// ```
/// use governance::{AuditEvent, AuditSink, Governance, TracingAudit};
///
/// /// Tells somebody about refusals.
/// #[derive(Debug)]
/// struct Pager;
///
/// impl AuditSink for Pager {
///     fn record(&self, event: &AuditEvent<'_>) {
///         if event.operation == governance::Operation::Refusal {
///             println!("{event}");
///         }
///     }
/// }
///
/// let governance = Governance::builder().audit(TracingAudit).audit(Pager).build()?;
/// # Ok::<(), governance::Error>(())
/// ```
pub trait AuditSink: Debug + Send + Sync {
    /// Takes an event. The caller waits: hand over to a task or a queue what takes long.
    fn record(&self, event: &AuditEvent<'_>);
}

impl<S: AuditSink + ?Sized> AuditSink for Arc<S> {
    fn record(&self, event: &AuditEvent<'_>) {
        (**self).record(event);
    }
}

/// Something that a manager committed. As text it is a sentence a record.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AuditEvent<'a> {
    /// What was done.
    pub operation: Operation,
    /// Where and when; [`replayed`](Receipt::replayed) when it had been done before.
    pub receipt: Receipt,
    commit: &'a Commit,
}

impl<'a> AuditEvent<'a> {
    pub(crate) fn new(operation: Operation, receipt: Receipt, commit: &'a Commit) -> Self {
        Self { operation, receipt, commit }
    }

    /// The experiment.
    pub fn key(&self) -> &'a ExperimentKey {
        self.commit.key()
    }

    /// The state that was set, if one was.
    pub fn state(&self) -> Option<&'a StateChange> {
        self.commit.state()
    }

    /// What was recorded.
    pub fn records(&self) -> &'a [Record] {
        self.commit.records()
    }

    /// Who did it, where a record names somebody.
    pub fn actor(&self) -> Option<&'a str> {
        let requester = |record: &'a Record| match record {
            // What refused a move was done to the one who asked.
            Record::Approval(approval) if self.operation == Operation::Refusal => approval.requested_by.as_deref(),
            other => other.actor(),
        };
        self.records().iter().find_map(requester)
    }
}

impl fmt::Display for AuditEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.key())?;
        for (index, record) in self.records().iter().enumerate() {
            f.write_str(if index == 0 { ": " } else { "; " })?;
            sentence::write(f, record)?;
        }
        Ok(())
    }
}
