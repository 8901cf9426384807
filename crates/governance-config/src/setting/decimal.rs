//! Decimal numbers within a range.

use super::{INTERPOLATED, Setting};
use crate::reading::{At, Reading};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use std::{borrow::Cow, fmt, marker::PhantomData};

/// What a number means, and how large it may be; the least is always zero.
pub(crate) trait Range {
    /// The largest.
    const MAX: f64;
    /// What would be right.
    const EXPECTED: &'static str;
}

/// A share in percent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Percentage;

impl Range for Percentage {
    const MAX: f64 = 100.0;
    const EXPECTED: &'static str = "percent, from 0 to 100, such as `10.0`";
}

/// A share of one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Share;

impl Range for Share {
    const MAX: f64 = 1.0;
    const EXPECTED: &'static str = "a share from 0 to 1, such as `0.05`";
}

/// A number from 0 to the largest of its range.
pub(crate) struct Decimal<R>(pub(crate) f64, PhantomData<R>);

impl<R> Decimal<R> {
    /// The setting of this number.
    pub(crate) fn of(number: f64) -> Self {
        Self(number, PhantomData)
    }
}

impl<R> fmt::Debug for Decimal<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number of this text, in digits: neither hexadecimal nor infinite by name.
fn number(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    text.parse().ok().filter(|_| plain)
}

impl<R: Range> Setting for Decimal<R> {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let text = reading.text(at, R::EXPECTED)?;
        let problem = match number(&text) {
            Some(number) if (0.0..=R::MAX).contains(&number) => return Some(Self::of(number)),
            Some(_) => "is out of range",
            None => "is not a number",
        };
        reading.fault(at, format!("{} {problem}", at.shown()), R::EXPECTED);
        None
    }
}

impl<R> Serialize for Decimal<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0)
    }
}

impl<R: Range> JsonSchema for Decimal<R> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("DecimalTo{}", R::MAX).into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let digits = r"^[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?$";
        json_schema!({ "anyOf": [
            { "type": "number", "minimum": 0, "maximum": R::MAX },
            { "type": "string", "pattern": format!("{digits}|{INTERPOLATED}") },
        ] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_digits() {
        for (text, expected) in
            [("0", 0.0), ("10.0", 10.0), (".5", 0.5), ("5.", 5.0), ("1e-3", 0.001), ("+1", 1.0), ("-1", -1.0)]
        {
            assert_eq!(number(text), Some(expected), "{text}");
        }
        for text in ["", "five", "inf", "NaN", "-infinity", "0x10", "1_000", "1,5", "5%", " 5", "e", "1e"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
