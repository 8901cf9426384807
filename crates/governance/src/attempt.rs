//! What gates and policies judge: somebody's attempt to move an experiment.

use crate::Actor;
use governance_persistence::{ConfigurationVersion, ExperimentKey, JsonObject, LifecycleState, Timestamp};

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
    pub(crate) now: Timestamp,
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

    /// The state it is to enter.
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
}
