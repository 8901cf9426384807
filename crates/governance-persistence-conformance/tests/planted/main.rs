//! Small bugs planted around the in-memory backplane: the suite finds each by the cases that are
//! named for it, and the model test shrinks those that it is given to a few steps.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod bug;
mod bugs;
mod documented;
mod model;
mod suite;
