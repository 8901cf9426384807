//! The configuration itself, as code builds it and as files are read into it.

use crate::{Registry, written};
use governance::{Governance, GovernanceBuilder};
use governance_persistence::{Backplane, InMemoryBackplane, JsonObject, Result};
#[cfg(feature = "redis")]
use governance_persistence_redis::{RedisBackplane, RedisOptions};
use governance_persistence_sql::SqlOptions;
use std::{fmt, sync::Arc};

/// What a configuration says about governance.
///
/// ```
/// use governance_config::{GovernanceConfig, Persistence};
/// use governance_persistence_sql::SqlOptions;
///
/// let config = GovernanceConfig::new(Persistence::Sql(SqlOptions::new("sqlite:governance.db")?));
/// assert!(config.to_yaml().contains("sqlite:governance.db"));
/// # Ok::<(), governance_persistence::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GovernanceConfig {
    /// Where governance state is kept.
    pub persistence: Persistence,
}

/// Where governance state is kept.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Persistence {
    /// In this process's memory: gone with the process.
    InMemory,
    /// In a SQL database.
    Sql(SqlOptions),
    /// In Redis, one server or a cluster.
    #[cfg(feature = "redis")]
    Redis(RedisOptions),
    /// In a backplane of your own, that a [`Registry`] knows by name.
    Custom {
        /// The name it was registered by.
        type_name: String,
        /// What is handed to its factory.
        options: JsonObject,
    },
}

impl GovernanceConfig {
    /// A configuration that keeps governance state there, and leaves all else as it is by default.
    pub fn new(persistence: Persistence) -> Self {
        Self { persistence }
    }

    /// Connects to the backplane that the configuration names.
    ///
    /// # Errors
    ///
    /// What connecting to that backplane gives; [`Invalid`](governance_persistence::Error::Invalid)
    /// when it is of a custom type that `registry` does not have.
    pub async fn connect(&self, registry: &Registry) -> Result<Arc<dyn Backplane>> {
        match &self.persistence {
            Persistence::InMemory => Ok(Arc::new(InMemoryBackplane::new())),
            Persistence::Sql(options) => connect_sql(options).await,
            #[cfg(feature = "redis")]
            Persistence::Redis(options) => Ok(Arc::new(RedisBackplane::connect(options).await?)),
            Persistence::Custom { type_name, options } => registry.connect(type_name, options).await,
        }
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
    /// As [`builder_on`](Self::builder_on) and [`GovernanceBuilder::build`], before anything is
    /// connected; then as [`connect`](Self::connect).
    pub async fn build(&self, registry: &Registry) -> governance::Result<Governance> {
        // What is wrong without a backplane is said without one.
        self.builder_on(Arc::new(InMemoryBackplane::new()), registry)?.build()?;
        let backplane = self.connect(registry).await?;
        self.builder_on(backplane, registry)?.build()
    }

    /// Governance as the configuration says, on this backplane whatever `persistence` is, and not
    /// built yet: for what files do not say, a clock or an audit sink, say, or for a backplane with a
    /// wrapper around it.
    ///
    /// # Errors
    ///
    /// [`Invalid`](governance::Error::Invalid) when `registry` lacks a custom type, or does not take
    /// what the configuration hands to it.
    pub fn builder_on(
        &self,
        backplane: Arc<dyn Backplane>,
        registry: &Registry,
    ) -> governance::Result<GovernanceBuilder> {
        let _ = registry;
        Ok(Governance::builder().persistence(backplane))
    }

    /// The configuration as a YAML file, secrets included: what loads as an equal configuration.
    /// Options that the engine of the database does not have are left out.
    pub fn to_yaml(&self) -> String {
        written::yaml(self)
    }

    /// The configuration as a JSON file, as [`to_yaml`](Self::to_yaml) has it.
    pub fn to_json(&self) -> String {
        written::json(self)
    }
}

#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
async fn connect_sql(options: &SqlOptions) -> Result<Arc<dyn Backplane>> {
    Ok(Arc::new(governance_persistence_sql::SqlBackplane::connect(options).await?))
}

#[cfg(not(any(feature = "mysql", feature = "postgres", feature = "sqlite")))]
async fn connect_sql(options: &SqlOptions) -> Result<Arc<dyn Backplane>> {
    Err(governance_persistence::Error::Unsupported {
        what: options.provider().as_str().into(),
        why: "this program was built without it; build governance-config with the feature of this name".into(),
    })
}

/// Shows no option's value of a custom type: it may be a secret.
impl fmt::Debug for Persistence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InMemory => f.write_str("InMemory"),
            Self::Sql(options) => f.debug_tuple("Sql").field(options).finish(),
            #[cfg(feature = "redis")]
            Self::Redis(options) => f.debug_tuple("Redis").field(options).finish(),
            Self::Custom { type_name, .. } => {
                f.debug_struct("Custom").field("type_name", type_name).finish_non_exhaustive()
            }
        }
    }
}
