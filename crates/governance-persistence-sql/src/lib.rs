//! The governance backplane on SQL databases: SQLite by the feature `sqlite`, PostgreSQL by the
//! feature `postgres`, MySQL and MariaDB by the feature `mysql`.
//!
//! [`SqlBackplane`] is the backplane, [`SqlOptions`] says how to connect, and [`Migrations`]
//! brings the schema up to date. Reads go through SeaORM, for every engine alike. How a commit is
//! written is each engine's own: on SQLite one thread writes, and commits all that waits in one
//! transaction; on a server a few connections write, each all that waits for it at once: on
//! PostgreSQL in one statement, on MySQL in one transaction, of one round trip or two.

#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod backplane;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod clock;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod codec;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod entity;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod error;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod group;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod migrations;
#[cfg(feature = "mysql")]
mod mysql;
mod options;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod pool;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod prepared;
mod provider;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod read;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod role;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod seen;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod writer;

#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
pub use backplane::SqlBackplane;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
pub use governance_migrations::Planned as PlannedMigration;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
pub use migrations::{MigrationStatus, Migrations};
pub use options::{Migrate, SqlOptions, Synchronous};
pub use provider::Provider;
