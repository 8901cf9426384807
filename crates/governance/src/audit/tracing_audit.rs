//! Audit events as events of the crate `tracing`.

use super::{AuditEvent, AuditSink};
use crate::Operation;

/// Emits each audit event to the crate `tracing`, under the target `governance::audit`: refusals as
/// warnings, all else as information. Fields are `operation`, `tenant`, `environment`, `experiment`,
/// `actor`, `sequence`, `commit_id` and `replayed`.
#[derive(Clone, Copy, Debug, Default)]
pub struct TracingAudit;

impl AuditSink for TracingAudit {
    fn record(&self, event: &AuditEvent<'_>) {
        macro_rules! emit {
            ($level:ident) => {
                tracing::$level!(
                    target: "governance::audit",
                    operation = event.operation.as_str(),
                    tenant = event.key().tenant(),
                    environment = event.key().environment(),
                    experiment = event.key().name(),
                    actor = event.actor(),
                    sequence = event.receipt.sequence.get(),
                    commit_id = %event.receipt.commit_id,
                    replayed = event.receipt.replayed,
                    "{event}"
                )
            };
        }
        if event.operation == Operation::Refusal {
            emit!(warn);
        } else {
            emit!(info);
        }
    }
}
