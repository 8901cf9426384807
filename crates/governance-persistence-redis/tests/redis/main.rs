//! The Redis backplane: the whole contract, on one server, on a cluster and behind Sentinels, and what only a server can do wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod cluster;
mod conformance;
mod cut;
mod damaged;
mod demoted;
mod faulty;
mod layout;
mod midway;
mod own;
mod own_cluster;
mod own_sentinel;
mod own_server;
mod place;
mod proxy;
mod race;
mod refused;
mod reindex;
mod replicas;
mod sentinel;
#[cfg(feature = "tls")]
mod tls;
mod words;
mod writers;

use governance_test_places::raw;
