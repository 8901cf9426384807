//! The managers, through the public API, on several backplanes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[macro_use]
mod backplanes;
mod approvals;
mod asking;
mod audit;
mod back_doors;
mod beside;
mod conflicts;
mod counts;
mod detours;
mod diff;
mod gates;
mod in_effect;
mod lifecycle;
mod meanwhile;
mod on_the_way;
mod policies;
mod quorums;
mod stopping;
mod traces;
mod versions;
mod world;
