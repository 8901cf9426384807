//! The governance backplane on SQL databases. In this version: SQLite, by the feature `sqlite`.
//!
//! [`SqlBackplane`] is the backplane, [`SqlOptions`] says how to connect, and [`Migrations`]
//! brings the schema up to date. Reads go through SeaORM, for every engine alike. How a commit is
//! written is each engine's own: on SQLite one thread writes, and commits all that waits in one
//! transaction.

#[cfg(feature = "sqlite")]
mod backplane;
#[cfg(feature = "sqlite")]
mod clock;
#[cfg(feature = "sqlite")]
mod codec;
#[cfg(feature = "sqlite")]
mod entity;
#[cfg(feature = "sqlite")]
mod error;
#[cfg(feature = "sqlite")]
mod migrations;
mod options;
mod provider;
#[cfg(feature = "sqlite")]
mod read;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "sqlite")]
pub use backplane::SqlBackplane;
#[cfg(feature = "sqlite")]
pub use governance_migrations::Planned as PlannedMigration;
#[cfg(feature = "sqlite")]
pub use migrations::{MigrationStatus, Migrations};
pub use options::{Migrate, SqlOptions, Synchronous};
pub use provider::Provider;
