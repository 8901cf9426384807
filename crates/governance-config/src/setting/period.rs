//! Periods of time: `HH:MM:SS`, or a whole number and a unit.

use super::{INTERPOLATED, Setting};
use crate::reading::{At, Reading};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use std::{borrow::Cow, time::Duration};

/// A period of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period(pub(crate) Duration);

const EXPECTED: &str = "a duration such as `5s`, `250ms`, `30m`, `12h`, `730d` or `00:30:00`";

/// The units, the longest first, in nanoseconds.
const UNITS: [(&str, u64); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

impl Period {
    fn parse(text: &str) -> Option<Self> {
        if text.contains(':') {
            return Self::parse_clock(text);
        }
        let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
        let (count, unit) = text.split_at(unit_at);
        let (_, nanoseconds) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let total = count.parse::<u128>().ok()?.checked_mul(u128::from(*nanoseconds))?;
        let seconds = u64::try_from(total / 1_000_000_000).ok()?;
        Some(Self(Duration::new(seconds, (total % 1_000_000_000) as u32)))
    }

    /// `HH:MM:SS`, the hours with two or more digits.
    fn parse_clock(text: &str) -> Option<Self> {
        let parts: Vec<_> = text.split(':').collect();
        let [hours, minutes, seconds] = parts.as_slice() else { return None };
        let is_number = |part: &&&str| part.len() >= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        if !parts.iter().all(|part| is_number(&part)) || minutes.len() != 2 || seconds.len() != 2 {
            return None;
        }
        let (hours, minutes, seconds) =
            (hours.parse::<u64>().ok()?, minutes.parse::<u64>().ok()?, seconds.parse().ok()?);
        if minutes > 59 || seconds > 59 {
            return None;
        }
        let total = hours.checked_mul(3600)?.checked_add(minutes * 60)?.checked_add(seconds)?;
        Some(Self(Duration::from_secs(total)))
    }

    /// The count of the longest unit that makes it whole.
    fn write(self) -> String {
        let total = self.0.as_nanos();
        let whole = UNITS.iter().find(|(_, unit)| total > 0 && total.is_multiple_of(u128::from(*unit)));
        let (name, unit) = whole.unwrap_or(&("s", 1));
        format!("{}{name}", total / u128::from(*unit))
    }
}

impl Setting for Period {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let text = reading.text(at, EXPECTED)?;
        let period = Self::parse(&text);
        if period.is_none() {
            let unitless = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let problem = if unitless { "has no unit" } else { "is not a duration" };
            reading.fault(at, format!("{} {problem}", at.shown()), EXPECTED);
        }
        period
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.write())
    }
}

impl JsonSchema for Period {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Period".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let units: Vec<_> = UNITS.iter().map(|(name, _)| *name).collect();
        let counted = format!("^[0-9]+({})$", units.join("|"));
        let clock = "^[0-9]{2,}:[0-5][0-9]:[0-5][0-9]$";
        json_schema!({
            "type": "string",
            "pattern": format!("{counted}|{clock}|{INTERPOLATED}"),
            "examples": ["5s", "250ms", "00:30:00"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        for (text, expected) in [
            ("5s", Duration::from_secs(5)),
            ("30m", Duration::from_secs(1_800)),
            ("12h", Duration::from_secs(43_200)),
            ("730d", Duration::from_secs(63_072_000)),
            ("250ms", Duration::from_millis(250)),
            ("0s", Duration::ZERO),
            ("00:30:00", Duration::from_secs(1_800)),
            ("100:00:01", Duration::from_secs(360_001)),
        ] {
            assert_eq!(Period::parse(text), Some(Period(expected)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_not_read() {
        for text in [
            "",
            "5",
            "s",
            "5 s",
            "5S",
            "-5s",
            "+5s",
            "1.5s",
            "1h30m",
            "5x",
            "99999999999999999999999999999999999999d",
            "1:00:00",
            "00:60:00",
            "00:00:60",
            "00:00",
            "00:00:00:00",
            "00:00:0a",
            "18446744073709551615:00:00",
        ] {
            assert_eq!(Period::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for nanoseconds in [0, 1, 999, 1_000, 1_500_000, 5_000_000_000, 90_000_000_000, 86_400_000_000_000] {
            let period = Period(Duration::from_nanos(nanoseconds));
            assert_eq!(Period::parse(&period.write()), Some(period));
        }
        let longest = Period(Duration::MAX);
        assert_eq!(Period::parse(&longest.write()), Some(longest));
    }
}
