//! Times of the day: `HH:MM`, and finer.

use super::{INTERPOLATED, Setting};
use crate::reading::{At, Reading};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use time::Time;

/// A time of the day, to the nanosecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeOfDay(pub(crate) Time);

const EXPECTED: &str = "a time from `00:00` to `23:59`, or with seconds, `23:59:59`; midnight is `00:00`";

/// The number of so many digits.
fn digits<N: std::str::FromStr>(text: &str, count: usize) -> Option<N> {
    let all = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| text.parse().ok()).flatten()
}

fn parse(text: &str) -> Option<Time> {
    let (clock, fraction) = text.split_once('.').map_or((text, None), |(clock, fraction)| (clock, Some(fraction)));
    let parts: Vec<_> = clock.split(':').collect();
    let (hour, minute, second) = match (parts.as_slice(), fraction) {
        ([hour, minute], None) => (hour, minute, "00"),
        ([hour, minute, second], _) => (hour, minute, *second),
        _ => return None,
    };
    let nanosecond = match fraction {
        None => 0,
        Some("") => return None,
        Some(fraction) => digits(&format!("{fraction:0<9}"), 9)?,
    };
    Time::from_hms_nano(digits(hour, 2)?, digits(minute, 2)?, digits(second, 2)?, nanosecond).ok()
}

fn write(time: Time) -> String {
    let (hour, minute, second, nanosecond) = time.as_hms_nano();
    let mut text = format!("{hour:02}:{minute:02}");
    if second > 0 || nanosecond > 0 {
        text += &format!(":{second:02}");
    }
    if nanosecond > 0 {
        text += format!(".{nanosecond:09}").trim_end_matches('0');
    }
    text
}

impl Setting for TimeOfDay {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let time = parse(&reading.text(at, EXPECTED)?);
        if time.is_none() {
            reading.fault(at, format!("{} is no time of the day", at.shown()), EXPECTED);
        }
        time.map(Self)
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&write(self.0))
    }
}

impl JsonSchema for TimeOfDay {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "TimeOfDay".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let clock = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?$";
        json_schema!({ "type": "string", "pattern": format!("{clock}|{INTERPOLATED}"), "examples": ["09:00"] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::time;

    #[test]
    fn times_are_read_and_written() {
        for (text, expected) in [
            ("00:00", time!(00:00)),
            ("09:30", time!(09:30)),
            ("23:59:59", time!(23:59:59)),
            ("12:00:00.000000001", time!(12:00:00.000000001)),
            ("12:00:01.5", time!(12:00:01.5)),
        ] {
            assert_eq!((parse(text), write(expected)), (Some(expected), text.to_owned()));
        }
        assert_eq!(parse("09:00:00"), Some(time!(09:00)));
        for text in [
            "",
            "9:00",
            "24:00",
            "12:60",
            "12",
            "12:00:60",
            "12:00.5",
            "12:00:00.",
            "12:00:00.1234567890",
            "+1:00",
            "09:00Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
