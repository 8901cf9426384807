//! Judging an attempt: every gate before the move and every policy that guards it is asked, and all
//! objections are collected.

use super::subject::Subject;
use super::way;
use crate::approvals::{self, Count, GateDecision};
use crate::policies::{Definitions, Evaluated, Stored, judge_stored};
use crate::prose::prose;
use crate::setup::Setup;
use crate::{Attempt, GateObjection, Objection, Policy, Quorum, Result};
use futures_util::future::try_join;
use governance_persistence::{ApprovalRecord, Decision, Head, LifecycleState, RecordId, Sequence, VersionReference};
use std::sync::Arc;

/// What came out of judging.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    /// What stands against the move; nothing if it may go ahead.
    pub(crate) objections: Vec<Objection>,
    /// The gates that approved by themselves: gate, approver, reason.
    pub(crate) automatic: Vec<(String, Option<String>, Option<String>)>,
    /// The approvals by people that count.
    pub(crate) manual: Vec<RecordId>,
    /// The id that the request for them allocated to the transition.
    pub(crate) transition_id: Option<RecordId>,
    /// What the policies found.
    pub(crate) evaluated: Evaluated,
    /// Evaluations by others that were looked at.
    pub(crate) consulted: Vec<RecordId>,
}

/// What the gates before a move say, apart from what people decided.
#[derive(Debug, Default)]
pub(crate) struct Gates {
    pub(crate) objections: Vec<Objection>,
    pub(crate) automatic: Vec<(String, Option<String>, Option<String>)>,
    /// The gates that ask people.
    pub(crate) asking: Vec<(String, Quorum)>,
}

impl Gates {
    pub(crate) async fn ask(setup: &Setup, attempt: &Attempt<'_>, subject: &Subject) -> Self {
        let mut gates = Self::default();
        for gate in &setup.gates {
            if !is_guarded(setup, attempt, subject, |from, to| gate.guards(from, to)) {
                continue;
            }
            let name = gate.name().to_owned();
            let closed = match gate.judge(attempt).await {
                Ok(GateDecision::Approved { approver, reason }) => {
                    gates.automatic.push((name, approver, reason));
                    continue;
                }
                Ok(GateDecision::AskPeople(quorum)) => {
                    gates.asking.push((name, quorum));
                    continue;
                }
                Ok(GateDecision::Rejected { reason }) => GateObjection::Rejected { reason },
                Err(error) => GateObjection::Failed { error: error.to_string() },
            };
            gates.objections.push(Objection::Gate { gate: name, cause: closed });
        }
        gates
    }
}

/// Is there anybody who judges this move, and so asks what configuration it is about?
pub(super) fn is_judged(setup: &Setup, from: LifecycleState, to: LifecycleState) -> bool {
    setup.gates.iter().any(|gate| gate.guards(from, to)) || setup.policies.iter().any(|policy| policy.guards(from, to))
}

/// Does something guard the attempted move, or the way behind the experiment, which the configuration
/// has to go first?
fn is_guarded(
    setup: &Setup,
    attempt: &Attempt<'_>,
    subject: &Subject,
    guards: impl Fn(LifecycleState, LifecycleState) -> bool,
) -> bool {
    guards(attempt.from, attempt.to)
        || subject.is_new_to_the_way && way::guards_behind(&setup.table, attempt.from, guards)
}

/// Judges an attempt, which read the experiment for the first time at `first`. Gates and policies
/// judge without regard to each other, and so at the same time.
pub(super) async fn judge(
    setup: &Setup,
    head: &Head,
    attempt: &Attempt<'_>,
    by: (&Subject, &Definitions),
    first: Sequence,
) -> Result<Judgement> {
    let (subject, definitions) = by;
    let guarding = |policy: &Arc<dyn Policy>| is_guarded(setup, attempt, subject, |from, to| policy.guards(from, to));
    let (mut judgement, (evaluated, stored)) = try_join(
        Judgement::at_gates(setup, head, attempt, subject),
        try_join(
            Evaluated::of(setup, attempt, definitions, guarding),
            judge_stored(setup, head, attempt, definitions, (first, &guarding)),
        ),
    )
    .await?;
    let Stored { objections, consulted } = stored;
    judgement.objections.extend(evaluated.objections().chain(objections));
    Ok(Judgement { evaluated, consulted, ..judgement })
}

impl Judgement {
    /// What the gates say, and people whom they ask.
    async fn at_gates(setup: &Setup, head: &Head, attempt: &Attempt<'_>, subject: &Subject) -> Result<Self> {
        let Gates { objections, automatic, asking } = Gates::ask(setup, attempt, subject).await;
        let mut judgement = Self { objections, automatic, ..Self::default() };
        if !asking.is_empty() {
            judgement.ask_people(setup, head, attempt, subject, asking).await?;
        }
        Ok(judgement)
    }

    /// What people decided at the gates that ask them.
    async fn ask_people(
        &mut self,
        setup: &Setup,
        head: &Head,
        attempt: &Attempt<'_>,
        subject: &Subject,
        asking: Vec<(String, Quorum)>,
    ) -> Result<()> {
        self.transition_id = approvals::current_request(setup, head, attempt.from, attempt.to).await?;
        let records = match self.transition_id {
            Some(id) => approvals::of_transition(setup, &head.key, id).await?,
            None => Vec::new(),
        };
        for (gate, quorum) in asking {
            match approvals::count(&records, &gate, quorum, subject.reference(), subject.latest.as_ref()) {
                Count::Approved(ids) => self.manual.extend(ids),
                Count::Not(cause) => self.objections.push(Objection::Gate { gate, cause }),
            }
        }
        Ok(())
    }
}

/// The record of a gate that approved by itself, or that is closed.
pub(super) fn of_gate(
    attempt: &Attempt<'_>,
    about: Option<VersionReference>,
    transition: RecordId,
    gate: &str,
    decision: (Decision, Option<&str>, Option<String>),
) -> ApprovalRecord {
    let (decision, approver, reason) = decision;
    let mut record = ApprovalRecord::decide(transition, attempt.to, decision, approver.unwrap_or(gate))
        .leaving(attempt.from)
        .with_gate(gate)
        .with_requester(attempt.actor.name())
        .at(attempt.now);
    record.reason = reason.as_deref().and_then(prose);
    match about {
        Some(reference) => record.about(reference),
        None => record,
    }
}
