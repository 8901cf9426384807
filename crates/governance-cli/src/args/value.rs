//! Values on the command line, read as the types of the core.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, Command, Error as ClapError};
use governance_persistence::{Error, LifecycleState, RecordKind};
use std::ffi::OsStr;
use std::str::FromStr;

/// Reads a value; what is wrong with it is said without the words that clap says already.
pub(super) fn value<T: FromStr<Err = Error>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error| match error {
        Error::Invalid(invalid) => {
            let expected: Vec<_> = invalid.faults().iter().map(|fault| fault.expected.as_str()).collect();
            format!("expected {}", expected.join(", "))
        }
        other => other.to_string(),
    })
}

/// Reads a kind of record.
pub(super) fn record_kind() -> impl TypedValueParser<Value = RecordKind> {
    PossibleValuesParser::new(RecordKind::ALL.map(RecordKind::as_str)).try_map(|text| text.parse())
}

/// Reads a lifecycle state as the core does, without regard to case, hyphens and underscores.
/// What is none is answered as clap answers, with the closest one.
#[derive(Clone, Copy, Debug)]
pub(super) struct LifecycleStateParser;

fn names() -> [&'static str; LifecycleState::ALL.len()] {
    LifecycleState::ALL.map(LifecycleState::as_str)
}

impl TypedValueParser for LifecycleStateParser {
    type Value = LifecycleState;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<LifecycleState, ClapError> {
        match value.to_str().and_then(|text| text.parse().ok()) {
            Some(state) => Ok(state),
            None => PossibleValuesParser::new(names()).try_map(|text| text.parse()).parse_ref(command, arg, value),
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(names().into_iter().map(PossibleValue::new)))
    }
}
