//! What gates and policies judge: somebody's attempt to move an experiment.

use crate::lifecycle::is_live;
use crate::setup::Setup;
use crate::{Actor, Result, Telemetry, approvals};
use futures_util::TryStreamExt;
use governance_persistence::{
    BackplaneExt, ConfigurationVersion, Consistency, ExperimentKey, ExperimentsQuery, Filter, Head, JsonObject,
    LifecycleState, Timestamp,
};

/// Somebody's attempt to move an experiment, as gates and policies see it.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    pub(crate) key: &'a ExperimentKey,
    pub(crate) from: LifecycleState,
    pub(crate) to: LifecycleState,
    pub(crate) actor: &'a Actor,
    pub(crate) reason: Option<&'a str>,
    pub(crate) metadata: &'a JsonObject,
    pub(crate) configuration: Option<&'a ConfigurationVersion>,
    pub(crate) telemetry: &'a Telemetry,
    pub(crate) now: Timestamp,
    pub(crate) setup: &'a Setup,
    pub(crate) head: &'a Head,
}

impl<'a> Attempt<'a> {
    /// The experiment.
    pub fn key(&self) -> &'a ExperimentKey {
        self.key
    }

    /// The state it is in.
    pub fn from(&self) -> LifecycleState {
        self.from
    }

    /// The state it is to enter; the one it is in where policies are evaluated and nothing moves.
    pub fn to(&self) -> LifecycleState {
        self.to
    }

    /// Who moves it, with the roles that the caller's authentication established.
    pub fn actor(&self) -> &'a Actor {
        self.actor
    }

    /// Why, in the actor's words.
    pub fn reason(&self) -> Option<&'a str> {
        self.reason
    }

    /// What the actor wants to be kept. It is the actor's claim: grant nothing for it.
    pub fn metadata(&self) -> &'a JsonObject {
        self.metadata
    }

    /// The configuration that the experiment would have in effect; none if it has none.
    pub fn configuration(&self) -> Option<&'a ConfigurationVersion> {
        self.configuration
    }

    /// The time, by the clock that governance was set up with.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// What was measured, as the caller says.
    pub fn telemetry(&self) -> &'a Telemetry {
        self.telemetry
    }

    /// Since when the experiment has been in its state, by the clock of the backplane; nothing if no
    /// state was ever saved.
    ///
    /// # Errors
    ///
    /// [`Error::Backplane`](crate::Error::Backplane).
    pub async fn in_state_since(&self) -> Result<Option<Timestamp>> {
        if self.head.state.is_none() {
            return Ok(None);
        }
        Ok(Some(approvals::entered(self.setup, self.head).await?.1))
    }

    /// Is this experiment running or ramping, as the backplane knows?
    ///
    /// # Errors
    ///
    /// [`Error::Backplane`](crate::Error::Backplane).
    pub async fn is_live(&self, experiment: &ExperimentKey) -> Result<bool> {
        Ok(self.setup.head(experiment).await?.state.is_some_and(|state| is_live(state.lifecycle_state)))
    }

    /// The other experiments of the same tenant and environment that are running or ramping, as the
    /// backplane knows.
    ///
    /// # Errors
    ///
    /// [`Error::Backplane`](crate::Error::Backplane).
    pub async fn live_beside(&self) -> Result<Vec<ExperimentKey>> {
        let mut live = Vec::new();
        for state in LifecycleState::ALL.into_iter().filter(|state| is_live(*state)) {
            let query = ExperimentsQuery::new(Filter::exactly(self.key.tenant())?)
                .in_environment(Filter::exactly(self.key.environment())?)
                .in_state(state);
            let mut found = self.setup.backplane.experiments_stream(query, Consistency::Strong);
            while let Some(head) = found.try_next().await? {
                if head.key != *self.key {
                    live.push(head.key);
                }
            }
        }
        Ok(live)
    }
}
