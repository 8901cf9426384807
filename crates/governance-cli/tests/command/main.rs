//! The `governance` command as a user meets it: the real binary, a real SQLite file, and real
//! PostgreSQL, MariaDB and Redis servers where there are any.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod causes;
mod closed;
mod configuration;
mod copy;
mod demo;
mod exit_codes;
mod export;
mod full;
mod gates;
mod guide;
mod import;
mod launch;
mod many;
mod migrations;
mod place;
mod policies;
mod preconditions;
mod reading;
mod redis;
mod server;
mod servers;
mod tampering;
mod versions;
