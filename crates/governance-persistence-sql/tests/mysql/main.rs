//! The SQL backplane on MySQL or MariaDB: the whole contract, on a real server.
#![cfg(feature = "mysql")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod conformance;
mod faulty;
mod place;
