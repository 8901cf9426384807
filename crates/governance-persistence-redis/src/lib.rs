//! The governance backplane on Redis: one server, or a cluster.
//!
//! [`RedisBackplane`] is the backplane, [`RedisOptions`] says how to connect. A commit is one Lua script, which
//! decides and writes on the server: nothing is decided here. All keys of an experiment live in one slot. What an
//! acknowledged commit survives depends on how the server is set up; [`Durability`] says it.

mod access;
mod backplane;
mod codec;
mod connect;
mod error;
mod gate;
mod keys;
mod link;
mod options;
mod read;
mod reindex;
mod script;
mod store;
mod target;
mod words;
mod write;

pub use backplane::RedisBackplane;
pub use connect::Durability;
pub use options::RedisOptions;
pub use reindex::{Reindex, Reindexed};
