//! What the sentences of the features mean, by topic.

#![allow(clippy::needless_pass_by_value, reason = "cucumber hands a step what it parsed by value")]

mod approvals;
mod isolation;
mod policies;
mod races;
mod state;
mod transitions;
mod versions;

use cucumber::gherkin::Step;
use std::collections::HashMap;

/// The rows of a step's table, each cell under its column's name.
fn rows(step: &Step) -> Vec<HashMap<&str, &str>> {
    let table = step.table.as_ref().expect("the step has a table");
    let (names, rows) = table.rows.split_first().expect("the table names its columns");
    rows.iter().map(|row| names.iter().map(String::as_str).zip(row.iter().map(String::as_str)).collect()).collect()
}
