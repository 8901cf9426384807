//! PostgreSQL: a few writers that commit in groups, and a pool of readers beside them.

mod column;
mod connect;
mod ephemeral;
mod heads;
mod look;
mod records;
mod session;
mod statement;
mod url;

use crate::group::ServerWriter;
pub(crate) use connect::{Connected, connect, migrating};
pub(crate) use url::check_url;

/// Writes to such a server.
pub(crate) type Writer = ServerWriter<ephemeral::PostgresEphemerals>;
