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
mod writer;

pub(crate) use connect::{Connected, connect, migrating};
pub(crate) use url::check_url;
pub(crate) use writer::Writer;
