//! The records of a batch: a table a kind, a row a record.

use super::literal::Literal;
use super::script::Script;
use super::transaction::Placed;
use crate::codec;
use crate::prepared::RecordTexts;
use governance_persistence::{
    ApprovalRecord, ConfigurationVersion, LifecycleState, PolicyDefinition, PolicyEvaluation, Record, RecordKind,
    StateTransition, VersionNumber,
};

/// Adds the rows, kind by kind, so that those of one kind share a statement.
pub(super) fn insert(script: &mut Script, placed: &[&Placed<'_>]) {
    for kind in RecordKind::ALL {
        for Placed { job, head, sequence, .. } in placed {
            let records = (0_i64..).zip(job.texts().records.iter().zip(job.records()));
            for (ordinal, (texts, record)) in records.filter(|(_, (_, record))| record.kind() == kind) {
                let mut row = Row { script, place: [head, sequence, &ordinal, &texts.id], texts };
                row.insert(record);
            }
        }
    }
}

/// A row, and what it has in common with those of other kinds.
struct Row<'a> {
    script: &'a mut Script,
    /// Experiment, sequence, ordinal, id.
    place: [&'a dyn Literal; 4],
    texts: &'a RecordTexts,
}

/// Adds a row of these columns: `column = value;`.
macro_rules! insert {
    ($row:expr, $table:literal, $($column:ident = $value:expr;)+) => {{
        let [experiment_id, sequence, ordinal, id] = $row.place;
        $row.script.insert(
            $table,
            concat!("experiment_id, sequence, ordinal, id" $(, ", ", stringify!($column))+),
            &[experiment_id, sequence, ordinal, id $(, &$value)+],
        );
    }};
}

impl Row<'_> {
    fn insert(&mut self, record: &Record) {
        match record {
            Record::Transition(transition) => self.transition(transition),
            Record::Approval(approval) => self.approval(approval),
            Record::Version(version) => self.version(version),
            Record::Definition(definition) => self.definition(definition),
            Record::Evaluation(evaluation) => self.evaluation(evaluation),
        }
    }

    fn transition(&mut self, r: &StateTransition) {
        insert! { self, "state_transitions",
            timestamp = r.timestamp.unix_micros();
            from_state = r.from.as_str();
            to_state = r.to.as_str();
            actor = r.actor.as_str();
            reason = r.reason.as_deref();
            metadata = r.metadata.as_str();
        }
    }

    fn approval(&mut self, r: &ApprovalRecord) {
        insert! { self, "approval_records",
            timestamp = r.timestamp.unix_micros();
            transition_id = self.texts.transition_id.as_deref();
            from_state = state(r.from);
            to_state = r.to.as_str();
            decision = r.decision.as_str();
            approver = r.approver.as_deref();
            requested_by = r.requested_by.as_deref();
            reason = r.reason.as_deref();
            gate = r.gate.as_deref();
            configuration_version = number(r.configuration_version);
            configuration_hash = self.texts.hash.as_deref();
            metadata = r.metadata.as_str();
        }
    }

    fn version(&mut self, r: &ConfigurationVersion) {
        insert! { self, "configuration_versions",
            created_at = r.created_at.unix_micros();
            number = codec::number(r.number);
            configuration = r.configuration.as_str();
            created_by = r.created_by.as_str();
            change_description = r.change_description.as_deref();
            lifecycle_state = state(r.lifecycle_state);
            hash = self.texts.hash.as_deref();
            is_rollback = r.is_rollback;
            rolled_back_from = number(r.rolled_back_from);
            restored_version = number(r.restored_version);
            metadata = r.metadata.as_str();
        }
    }

    fn definition(&mut self, r: &PolicyDefinition) {
        insert! { self, "policy_definitions",
            timestamp = r.timestamp.unix_micros();
            name = r.name.as_str();
            version = codec::number(r.version);
            kind = r.kind.as_str();
            parameters = r.parameters.as_str();
            enabled = r.enabled;
            actor = r.actor.as_str();
            metadata = r.metadata.as_str();
        }
    }

    fn evaluation(&mut self, r: &PolicyEvaluation) {
        insert! { self, "policy_evaluations",
            timestamp = r.timestamp.unix_micros();
            policy = r.policy.as_str();
            compliant = r.compliant;
            reason = r.reason.as_deref();
            severity = r.severity.as_str();
            current_state = state(r.current_state);
            target_state = state(r.target_state);
            metadata = r.metadata.as_str();
        }
    }
}

fn state(state: Option<LifecycleState>) -> Option<&'static str> {
    state.map(LifecycleState::as_str)
}

fn number(version: Option<VersionNumber>) -> Option<i64> {
    version.map(codec::number)
}
