//! Data to test with: keys that nobody else uses, records of every kind, JSON that is hard to keep.

mod json;
mod key;
mod record;
mod record_full;

pub use json::{large_json, odd_json, odd_object};
pub use key::{key, scope, unique};
pub use record::{
    approval, configuration, definition, evaluation, number, one_of_each, policy, request, transition, version,
};
pub use record_full::{full_records, full_state, odd_instants, odd_prose, sparse_records};
