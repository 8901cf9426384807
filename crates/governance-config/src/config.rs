//! The configuration itself, as code builds it and as files are read into it.

use crate::{GateConfig, Persistence, PolicyConfig, Registry, written};
use governance::{Governance, GovernanceBuilder, Versioning};
use governance_persistence::{Backplane, LifecycleState, Result, TimeToLive};
use std::sync::Arc;
use std::time::Duration;

/// What a configuration says about governance.
///
/// ```
/// use governance::persistence::LifecycleState::{Approved, PendingApproval};
/// use governance::{ManualGate, Moves, TrafficLimit};
/// use governance_config::{GovernanceConfig, Persistence};
/// use governance_persistence_sql::SqlOptions;
///
/// let config = GovernanceConfig::new(Persistence::Sql(SqlOptions::new("sqlite:governance.db")?))
///     .approval_gate(ManualGate::new("review", Moves::between(PendingApproval, Approved)))
///     .policy(TrafficLimit::percent(10.0)?);
/// assert!(config.to_yaml().contains("maxTrafficPercentage: 10"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GovernanceConfig {
    /// The state that an experiment counts as being in before one was saved.
    pub initial_state: LifecycleState,
    /// What a transition that carries a configuration does with it.
    pub versioning: Versioning,
    /// How long people may decide about a request for approval; none: what is usual.
    pub approval_requests_expire_after: Option<TimeToLive>,
    /// For how long a request may be judged anew; none: what is usual.
    pub deadline: Option<Duration>,
    /// For how long after a commit of its own a process goes by what that left; none: what is usual.
    pub remember_for: Option<Duration>,
    /// Where governance state is kept.
    pub persistence: Persistence,
    /// The gates before moves, in the order in which they are asked.
    pub approval_gates: Vec<GateConfig>,
    /// The policies that guard moves.
    pub policies: Vec<PolicyConfig>,
}

impl GovernanceConfig {
    /// A configuration that keeps governance state there, and leaves all else as it is by default:
    /// what [`Governance::builder`] has, without gates and policies.
    pub fn new(persistence: Persistence) -> Self {
        Self {
            initial_state: LifecycleState::Draft,
            versioning: Versioning::default(),
            approval_requests_expire_after: None,
            deadline: None,
            remember_for: None,
            persistence,
            approval_gates: Vec::new(),
            policies: Vec::new(),
        }
    }

    /// The same, where an experiment that was never saved counts as being in this state.
    #[must_use]
    pub fn initial_state(mut self, state: LifecycleState) -> Self {
        self.initial_state = state;
        self
    }

    /// The same, where this happens to a configuration that a transition carries.
    #[must_use]
    pub fn versioning(mut self, versioning: Versioning) -> Self {
        self.versioning = versioning;
        self
    }

    /// The same, where people may decide about a request for approval for this long.
    #[must_use]
    pub fn approval_requests_expire_after(mut self, lifetime: TimeToLive) -> Self {
        self.approval_requests_expire_after = Some(lifetime);
        self
    }

    /// The same, where a request may be judged anew for this long.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// The same, where a process goes by what its own commits left for this long.
    #[must_use]
    pub fn remember_for(mut self, period: Duration) -> Self {
        self.remember_for = Some(period);
        self
    }

    /// The same with one more gate, behind those there are.
    #[must_use]
    pub fn approval_gate(mut self, gate: impl Into<GateConfig>) -> Self {
        self.approval_gates.push(gate.into());
        self
    }

    /// The same with one more policy.
    #[must_use]
    pub fn policy(mut self, policy: impl Into<PolicyConfig>) -> Self {
        self.policies.push(policy.into());
        self
    }

    /// Connects to the backplane that the configuration names.
    ///
    /// # Errors
    ///
    /// What connecting to that backplane gives; [`Invalid`](governance_persistence::Error::Invalid)
    /// when it is of a custom type that `registry` does not have.
    pub async fn connect(&self, registry: &Registry) -> Result<Arc<dyn Backplane>> {
        self.persistence.connect(registry).await
    }

    /// Connects, and sets governance up as the configuration says: ready for use.
    ///
    /// ```
    /// use governance::persistence::{ExperimentKey, LifecycleState};
    /// use governance_config::{GovernanceConfig, Persistence, Registry};
    ///
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// let config = GovernanceConfig::new(Persistence::InMemory);
    /// let governance = config.build(&Registry::default()).await?;
    /// let standing = governance.lifecycle().state(&ExperimentKey::new("checkout")?).await?;
    /// assert_eq!(standing.state, LifecycleState::Draft);
    /// # Ok::<(), governance::Error>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Invalid`](governance::Error::Invalid) when `registry` lacks a custom type, or two gates or
    /// two policies have one name; what the factory of a custom type gives; as
    /// [`connect`](Self::connect).
    pub async fn build(&self, registry: &Registry) -> governance::Result<Governance> {
        // What is wrong without a backplane is said without one.
        let builder = self.builder(registry)?;
        builder.persistence(self.connect(registry).await?).build()
    }

    /// Governance as the configuration says, on this backplane whatever `persistence` is, and not
    /// built yet: for what files do not say, a clock or an audit sink, say, or for a backplane with a
    /// wrapper around it.
    ///
    /// # Errors
    ///
    /// [`Invalid`](governance::Error::Invalid) when `registry` lacks a custom type; what the
    /// factory of one gives.
    pub fn builder_on(
        &self,
        backplane: Arc<dyn Backplane>,
        registry: &Registry,
    ) -> governance::Result<GovernanceBuilder> {
        Ok(self.builder(registry)?.persistence(backplane))
    }

    /// Everything but the backplane.
    fn builder(&self, registry: &Registry) -> governance::Result<GovernanceBuilder> {
        let mut builder = Governance::builder().initial_state(self.initial_state).versioning(self.versioning);
        if let Some(lifetime) = self.approval_requests_expire_after {
            builder = builder.approval_requests_expire_after(lifetime);
        }
        if let Some(deadline) = self.deadline {
            builder = builder.deadline(deadline);
        }
        if let Some(period) = self.remember_for {
            builder = builder.remember_for(period);
        }
        for gate in &self.approval_gates {
            builder = builder.approval_gate(gate.make(registry)?);
        }
        for policy in &self.policies {
            builder = builder.policy(policy.make(registry)?);
        }
        Ok(builder)
    }

    /// The configuration as a YAML file, secrets included: what loads as an equal configuration,
    /// where it is one that files can have. Names and roles that no file may have, empty ones say,
    /// are written and then refused. Options that the engine of the database does not have are left
    /// out.
    pub fn to_yaml(&self) -> String {
        written::yaml(self)
    }

    /// The configuration as a JSON file, as [`to_yaml`](Self::to_yaml) has it.
    pub fn to_json(&self) -> String {
        written::json(self)
    }
}
