//! The table in `docs/custom-backplane.md` says what was planted, and what finds it.

use crate::suite::PLANTED;

const DOCUMENT: &str = include_str!("../../../../docs/custom-backplane.md");

#[test]
fn given_the_document_then_its_table_is_what_is_planted_here() {
    let rows = PLANTED.iter().map(|planted| {
        let found_by: Vec<_> = planted.found_by.iter().map(|name| format!("`{name}`")).collect();
        format!("| {} | {} |\n", planted.bug.trim(), found_by.join(", "))
    });
    let table = format!("| planted | found by |\n|---|---|\n{}\n", rows.collect::<String>());
    assert!(DOCUMENT.contains(&table), "the table is to be\n\n{table}");
}
