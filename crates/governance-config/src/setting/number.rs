//! Whole numbers within bounds.

use super::{INTERPOLATED, Setting};
use crate::reading::{At, Reading};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use std::borrow::Cow;

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Count<const MIN: u64, const MAX: u64>(pub(crate) u64);

impl<const MIN: u64, const MAX: u64> Count<MIN, MAX> {
    fn expected() -> String {
        if MAX == u64::MAX {
            format!("a whole number from {MIN} on")
        } else {
            format!("a whole number from {MIN} to {MAX}")
        }
    }
}

impl<const MIN: u64, const MAX: u64> Setting for Count<MIN, MAX> {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let text = reading.text(at, &Self::expected())?;
        let problem = match digits(&text).map(str::parse) {
            Some(Ok(number)) if (MIN..=MAX).contains(&number) => return Some(Self(number)),
            Some(_) => "is out of range",
            None => "is not a whole number",
        };
        reading.fault(at, format!("{} {problem}", at.shown()), Self::expected());
        None
    }
}

/// The digits of a whole number. As in JSON, `2.0` is one.
fn digits(text: &str) -> Option<&str> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_whole = !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit());
    let is_zero = !fraction.is_empty() && fraction.bytes().all(|byte| byte == b'0');
    (is_whole && is_zero).then_some(whole)
}

impl<const MIN: u64, const MAX: u64> JsonSchema for Count<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Count{MIN}To{MAX}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let number = if MAX == u64::MAX {
            json_schema!({ "type": "integer", "minimum": MIN })
        } else {
            json_schema!({ "type": "integer", "minimum": MIN, "maximum": MAX })
        };
        json_schema!({ "anyOf": [number, { "type": "string", "pattern": format!(r"^[0-9]+(\.0+)?$|{INTERPOLATED}") }] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_told_from_others() {
        for (text, whole) in [("0", "0"), ("16", "16"), ("2.0", "2"), ("2.000", "2"), ("007", "007")] {
            assert_eq!(digits(text), Some(whole));
        }
        for text in ["", ".", "2.", ".0", "2.5", "2.0.0", "-1", "+1", "1e3", "0x10", "five", " 1"] {
            assert_eq!(digits(text), None, "{text}");
        }
    }
}
