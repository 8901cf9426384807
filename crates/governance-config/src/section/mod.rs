//! The sections of a file: their keys, each named once, and what they become.

#[macro_use]
mod table;

mod accepted;
mod cases;
mod connection;
mod custom;
mod engine;
mod engine_option;
mod gate;
mod governance;
mod kind;
mod lifetime;
mod moves;
mod persistence;
mod persistence_schema;
mod policy;
mod policy_keys;
#[cfg(feature = "redis")]
mod redis;
mod sql;
mod type_name;

pub(crate) use governance::{GOVERNANCE, GovernanceKeys, WRAPPER, read_file};
