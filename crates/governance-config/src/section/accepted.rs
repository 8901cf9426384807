//! What the options of a backplane accept, and where it is said what they don't.

use super::persistence::OptionKeys;
use crate::reading::{At, Reading};
use governance_persistence::{Error, Fault, Result};

/// What was accepted; else the fault goes to the key that it names.
pub(super) fn accept<T>(outcome: Result<T>, keys: &OptionKeys<'_>, reading: &mut Reading<'_>) -> Option<T> {
    let faults = match outcome {
        Ok(options) => return Some(options),
        Err(Error::Invalid(invalid)) => invalid.faults().to_vec(),
        Err(other) => vec![Fault::new("connectionString", other.to_string(), "what this program can connect to")],
    };
    for fault in faults {
        if let Some(at) = keys.peek(&fault.field) {
            reading.fault(&at, problem_shown(&at, &fault), fault.expected);
        } else if let Some(at) = keys.peek("connectionString") {
            // What is missing has no place of its own; that it is needed is up to the URL.
            reading.key_fault(&at, format!("{} {}", fault.field, fault.problem), fault.expected);
        }
    }
    None
}

/// What is wrong, without what came from a variable. Of a URL only the name of a parameter is ever
/// quoted, and that may be the rest of a password that has a question mark in it.
fn problem_shown(at: &At<'_>, fault: &Fault) -> String {
    let may_quote_a_secret = match fault.field.as_str() {
        "connectionString" => at.is_interpolated() || at.has_sign_behind_parameters(),
        // A list: which of its URLs it is, and whether that came from a variable, is not known here.
        "readReplicas" => true,
        _ if at.is_interpolated() => return format!("{} is not right", at.shown()),
        _ => false,
    };
    match fault.problem.split_once('"') {
        Some((problem, _)) if may_quote_a_secret => problem.trim_end().to_owned(),
        _ => fault.problem.clone(),
    }
}
