//! The `governance` command as a user meets it: the real binary, a real SQLite file, and a real
//! PostgreSQL server where there is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod configuration;
mod copy;
mod demo;
mod exit_codes;
mod export;
mod import;
mod many;
mod migrations;
mod place;
mod postgres;
mod preconditions;
mod reading;
mod server;
mod tampering;
mod versions;
