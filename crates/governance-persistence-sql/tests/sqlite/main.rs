//! The SQL backplane on SQLite: the whole contract, and what only a file can do wrong.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod append_only;
mod audit;
mod conformance;
#[path = "../server/corrupt.rs"]
mod corrupt;
mod faulty;
mod full_disk;
mod groups;
mod migrate;
mod open;
mod overwritten;
mod place;
mod processes;
