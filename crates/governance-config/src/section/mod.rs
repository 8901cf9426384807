//! The sections of a file: their keys, each named once, and what they become.

#[macro_use]
mod table;

mod connection;
mod custom;
mod engine;
mod engine_option;
mod governance;
mod persistence;
mod persistence_schema;
mod sql;
mod type_name;

pub(crate) use governance::{GOVERNANCE, GovernanceKeys, WRAPPER, read_file};
