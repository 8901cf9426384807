//! The `governance` command as a user meets it: the real binary, a real SQLite file.
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
mod preconditions;
mod reading;
mod tampering;
mod versions;
