//! The SQL backplane on PostgreSQL: the whole contract, on a real server, and what only a server can do
//! wrong.
#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod append_only;
mod audit;
mod conformance;
mod faulty;
mod migrate;
mod place;
