//! Places of a test's own on the servers that tests are given: a schema of PostgreSQL, a database of MariaDB, the
//! keys of Redis under a prefix. They are removed when they are dropped.
//!
//! A test is given a server by a variable ([`Service::url_variable`]), as `cargo xtask test` sets it. Without one it
//! is skipped, and says so; where everything has to be there ([`required`]), it fails.
//!
//! ```
//! use governance_test_places::{Schema, or_skip};
//!
//! let Some(schema) = or_skip(Schema::on_postgres()) else { return };
//! println!("{}", schema.url());
//! ```
//!
//! It depends on no crate of ours but `xtask`, so that the tests of every crate may use it.
#![allow(
    clippy::panic,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "this is test code in a library: a test fails by panicking"
)]

mod prefix;
pub mod raw;
mod schema;

pub use prefix::Prefix;
pub use schema::Schema;

use std::fmt;
use xtask::services::{Service, required};

/// Tests were given no server of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing(pub Service);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no server: {} is not set", self.0.url_variable())
    }
}

impl std::error::Error for Missing {}

/// What a test asked for. When it is missing the test ends, and why stands on its standard error.
pub fn or_skip<T>(place: Result<T, Missing>) -> Option<T> {
    place.inspect_err(|missing| eprintln!("skipped: {missing}")).ok()
}

/// The URL of the server that tests are given.
///
/// Panics where everything has to be there: a test that does not run is a test that failed then.
fn server(service: Service) -> Result<String, Missing> {
    let missing = Missing(service);
    let url = std::env::var(service.url_variable());
    assert!(url.is_ok() || !required(), "{missing}");
    url.map_err(|_| missing)
}

/// What no other test is called.
fn unique() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
