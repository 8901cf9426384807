//! The cases, by topic. Each is a function that panics when the backplane breaks the contract.

pub mod answer_order;
pub mod cancellation;
pub mod closing;
pub mod commits;
pub mod concurrency;
pub mod durability;
pub mod ephemerals;
pub mod expectations;
pub mod experiments;
pub mod fidelity;
pub mod history;
pub mod isolation;
pub mod limits;
pub mod logs;
pub mod look_ups;
pub mod model;
pub mod next_version;
pub mod operations;
pub mod record_ids;
pub mod replays;
pub mod replication;
pub mod streams;
pub mod versions;
