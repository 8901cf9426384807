//! Places of a test's own that several processes can share: a file, a schema, a prefix.

use governance_persistence::Backplane;
use governance_persistence_redis::{RedisBackplane, RedisOptions};
use governance_persistence_sql::{Migrate, SqlBackplane, SqlOptions};
use governance_test_places::{Prefix, Schema, or_skip};
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

/// On a busy machine it takes its time to make a schema.
const PATIENCE: Duration = Duration::from_secs(120);

/// A place that is removed when it is dropped.
pub(crate) struct Place {
    address: Address,
    /// What removes it.
    _removed: Box<dyn Any>,
}

/// What it takes to open a place, in this process or in another one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Address {
    Sql { url: String },
    Redis { url: String, prefix: String },
}

impl Place {
    /// A new file.
    pub(crate) fn sqlite() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary directory can be made");
        let url = format!("sqlite:{}", folder.path().join("governance.db").display());
        Some(Self { address: Address::Sql { url }, _removed: Box::new(folder) })
    }

    pub(crate) fn postgres() -> Option<Self> {
        or_skip(Schema::on_postgres()).map(Self::of_schema)
    }

    pub(crate) fn mariadb() -> Option<Self> {
        or_skip(Schema::on_mariadb()).map(Self::of_schema)
    }

    pub(crate) fn redis() -> Option<Self> {
        or_skip(Prefix::on_redis()).map(Self::of_prefix)
    }

    pub(crate) fn redis_cluster() -> Option<Self> {
        or_skip(Prefix::on_redis_cluster()).map(Self::of_prefix)
    }

    fn of_schema(schema: Schema) -> Self {
        Self { address: Address::Sql { url: schema.url() }, _removed: Box::new(schema) }
    }

    fn of_prefix(prefix: Prefix) -> Self {
        let address = Address::Redis { url: prefix.url().to_owned(), prefix: prefix.name().to_owned() };
        Self { address, _removed: Box::new(prefix) }
    }
}

/// What a case wants of its place.
pub(crate) trait Opened: Sized {
    async fn at(place: &Place) -> Self;
}

/// Runs a case on what it wants of this place.
pub(crate) async fn run<O: Opened>(case: impl AsyncFnOnce(O), place: &Place) {
    case(O::at(place).await).await;
}

impl Opened for Arc<dyn Backplane> {
    async fn at(place: &Place) -> Self {
        place.address.open().await
    }
}

impl Opened for Address {
    /// It is opened by the case, as often as it likes.
    async fn at(place: &Place) -> Self {
        place.address.clone()
    }
}

impl Address {
    /// Opens the place that is there, by a handle of its own.
    pub(crate) async fn open(&self) -> Arc<dyn Backplane> {
        match self {
            Self::Sql { url } => {
                let options = SqlOptions::new(url).and_then(|options| options.acquire_timeout(PATIENCE));
                let options = options.expect("the URL is right").migrate(Migrate::OnConnect);
                Arc::new(SqlBackplane::connect(&options).await.expect("the database can be opened"))
            }
            Self::Redis { url, prefix } => {
                let options = RedisOptions::new(url).and_then(|options| options.prefix(prefix));
                let options = options.expect("the URL is right");
                Arc::new(RedisBackplane::connect(&options).await.expect("the server can be reached"))
            }
        }
    }
}
