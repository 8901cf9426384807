//! The SQL backplane on PostgreSQL: the whole contract, on a real server, and what only a server can do
//! wrong.
#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod append_only;
mod audit;
mod cancel;
mod conformance;
mod connect;
mod contention;
mod crash;
mod cut;
mod deadlock;
mod faulty;
mod frozen;
mod grants;
mod killed;
mod ledger;
mod migrate;
mod own;
mod pause;
mod place;
mod pool;
mod proxy;
mod replicas;
