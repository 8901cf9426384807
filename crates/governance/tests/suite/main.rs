//! The managers, through the public API, on every backplane, by one process and by several.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[macro_use]
mod backplanes;
mod approvals;
mod asking;
mod audit;
mod back_doors;
mod beside;
mod calls;
mod conflicts;
mod counts;
mod detours;
mod diff;
mod findings;
mod gates;
mod in_effect;
mod judged_again;
mod killed;
mod lifecycle;
mod meanwhile;
mod on_the_way;
mod places;
mod policies;
mod process;
mod quorums;
mod recent;
mod repeats;
mod rules;
mod stopping;
mod telemetry;
mod traces;
mod two_processes;
mod versions;
mod world;
