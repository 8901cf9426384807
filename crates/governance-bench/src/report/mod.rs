//! What people and programs see.

mod json;
mod table;

pub(crate) use json::json;
pub(crate) use table::table;
