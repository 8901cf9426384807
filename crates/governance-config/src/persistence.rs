//! Where governance state is kept, as code says it and as files are read into it.

use crate::Registry;
use governance_persistence::{Backplane, InMemoryBackplane, JsonObject, Result};
#[cfg(feature = "redis")]
use governance_persistence_redis::{RedisBackplane, RedisOptions};
use governance_persistence_sql::SqlOptions;
use std::{fmt, sync::Arc};

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

impl Persistence {
    pub(crate) async fn connect(&self, registry: &Registry) -> Result<Arc<dyn Backplane>> {
        match self {
            Self::InMemory => Ok(Arc::new(InMemoryBackplane::new())),
            Self::Sql(options) => connect_sql(options).await,
            #[cfg(feature = "redis")]
            Self::Redis(options) => Ok(Arc::new(RedisBackplane::connect(options).await?)),
            Self::Custom { type_name, options } => registry.connect(type_name, options).await,
        }
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
