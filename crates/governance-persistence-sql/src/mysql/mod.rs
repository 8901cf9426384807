//! MySQL and MariaDB: a few writers that commit in groups, and a pool of readers beside them.
//!
//! A group is one transaction, of one round trip as long as every head is as its commit expects (`at_once`). When
//! one is not, it takes two: the first locks the heads and reads them; what they are like decides, here, which
//! commits are written; the second writes those, and commits (`transaction`). All of these are texts of several
//! statements, so that the number of round trips does not grow with the group.

mod at_once;
mod connect;
mod ephemeral;
mod heads;
mod literal;
mod look;
mod records;
mod schema_lock;
mod script;
mod session;
mod transaction;
mod url;

use crate::group::ServerWriter;
pub(crate) use connect::{Connected, connect, migrating};
pub(crate) use schema_lock::lock_schema;
pub(crate) use url::check_url;

/// Writes to such a server.
pub(crate) type Writer = ServerWriter<ephemeral::MysqlEphemerals>;
