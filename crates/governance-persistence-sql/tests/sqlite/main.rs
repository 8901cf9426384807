//! The SQL backplane on SQLite: the whole contract, and what only a file can do wrong.
#![cfg(feature = "sqlite")]

mod conformance;
mod place;
