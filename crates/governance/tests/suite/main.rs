//! The managers, through the public API, on several backplanes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[macro_use]
mod backplanes;
mod approvals;
mod audit;
mod back_doors;
mod conflicts;
mod counts;
mod diff;
mod findings;
mod gates;
mod judged_again;
mod lifecycle;
mod meanwhile;
mod policies;
mod repeats;
mod stopping;
mod telemetry;
mod traces;
mod versions;
mod world;
