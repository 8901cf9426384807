//! The sections of a file: their keys, each named once, and what they become.

#[macro_use]
mod table;

mod accepted;
mod connection;
mod custom;
mod engine;
mod engine_option;
mod governance;
mod persistence;
mod persistence_schema;
#[cfg(feature = "redis")]
mod redis;
mod sql;
mod type_name;

pub(crate) use governance::{GOVERNANCE, GovernanceKeys, WRAPPER, read_file};
