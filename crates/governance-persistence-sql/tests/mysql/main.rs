//! The SQL backplane on MySQL or MariaDB: the whole contract, on a real server, and what only a server can
//! do wrong.
#![cfg(feature = "mysql")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod append_only;
mod audit;
mod batches;
mod conformance;
mod connect;
mod contention;
mod cut;
mod faulty;
mod grants;
mod locks;
mod migrate;
mod own_server;
mod place;
