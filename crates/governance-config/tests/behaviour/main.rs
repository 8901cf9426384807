//! The behaviour of the configuration language, through the public API: given a file, when it is
//! loaded, then it is a configuration, or all of its faults.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod building;
mod faults;
mod files;
mod full_sample;
mod gates;
mod generated;
mod given;
mod hints;
mod loading;
mod moves;
mod policies;
mod redis;
mod refusals;
mod round_trip;
mod schema;
mod secrets;
mod syntax;
