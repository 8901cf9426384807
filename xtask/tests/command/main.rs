//! `cargo xtask`, as a program: the servers it starts it finds again, and stops, also after a killed run.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod background;
mod place;
mod runs;
