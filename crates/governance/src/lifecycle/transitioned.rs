//! A move that was made.

use crate::{Error, Result};
use governance_persistence::{
    ApprovalRecord, Commit, ConfigurationVersion, Error as BackplaneError, ExperimentState, PolicyEvaluation, Receipt,
    Record, StateTransition,
};

/// A move that was made, as it was committed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Transitioned {
    /// Where and when; [`replayed`](Receipt::replayed) if an earlier request had done it already.
    pub receipt: Receipt,
    /// The transition.
    pub transition: StateTransition,
    /// The state that it left.
    pub state: ExperimentState,
    /// The configuration version that the move brought, if it brought one.
    pub version: Option<ConfigurationVersion>,
    /// The approvals of gates that approved by themselves. Those that people gave were recorded when
    /// they gave them; the transition's metadata has their ids, as `governance.approvals`.
    pub approvals: Vec<ApprovalRecord>,
    /// What the policies found by which it was judged. Evaluations by others that were looked at have
    /// their ids in the transition's metadata, as `governance.evaluations`.
    pub evaluations: Vec<PolicyEvaluation>,
}

impl Transitioned {
    /// The move that this commit makes.
    pub(crate) fn of(commit: &Commit, receipt: Receipt) -> Result<Self> {
        let (mut transition, mut version) = (None, None);
        let (mut approvals, mut evaluations) = (Vec::new(), Vec::new());
        for record in commit.records() {
            match record {
                Record::Transition(made) => transition = Some(made.clone()),
                Record::Version(new) => version = Some(new.clone()),
                Record::Approval(approval) => approvals.push(approval.clone()),
                Record::Evaluation(evaluation) => evaluations.push(evaluation.clone()),
                Record::Definition(_) => {}
            }
        }
        let state = commit.state().map(|state| state.clone().into_state(commit.key().clone(), commit.id()));
        match (state, transition) {
            (Some(state), Some(transition)) => Ok(Self { receipt, transition, state, version, approvals, evaluations }),
            // Only an entry that others made under this id moves nothing.
            _ => {
                let (key, commit_id, sequence) = (commit.key().clone(), commit.id(), receipt.sequence);
                Err(Error::from(BackplaneError::CommitIdReused { key, commit_id, sequence }).of_commit(commit_id))
            }
        }
    }
}
