//! The SQL backplane on PostgreSQL: the whole contract, on a real server, and what only a server can do
//! wrong.
#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../server/aged.rs"]
mod aged;
mod append_only;
mod audit;
#[path = "../server/cancel.rs"]
mod cancel;
mod conformance;
mod connect;
#[path = "../server/contention.rs"]
mod contention;
#[path = "../server/corrupt.rs"]
mod corrupt;
#[path = "../server/crash.rs"]
mod crash;
#[path = "../server/cut.rs"]
mod cut;
mod deadlock;
mod ended;
mod faulty;
#[path = "../server/frozen.rs"]
mod frozen;
mod grants;
#[path = "../server/held.rs"]
mod held;
#[path = "../server/killed.rs"]
mod killed;
#[path = "../server/ledger.rs"]
mod ledger;
mod migrate;
mod odd_reply;
mod own;
#[path = "../server/pause.rs"]
mod pause;
mod place;
#[path = "../server/pool.rs"]
mod pool;
mod prepared;
#[path = "../server/promoted.rs"]
mod promoted;
#[path = "../server/proxy.rs"]
mod proxy;
#[path = "../server/replicas.rs"]
mod replicas;
mod table_lock;
mod uneven;
