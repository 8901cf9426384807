//! Instants: UTC, whole microseconds, RFC 3339.

use crate::{Error, Fault, Result};
use serde::{Deserialize, Serialize, Serializer};
use std::{fmt, ops::Range, str::FromStr, time::Duration};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// An instant in UTC of the years 0000 to 9999, in whole microseconds since the Unix epoch.
///
/// What is finer is cut off (towards the past) when the value is built, so that every engine
/// gives back what it was given. As text and in JSON it is RFC 3339 with six digits and `Z`.
///
/// ```
/// use governance_persistence::Timestamp;
///
/// let at: Timestamp = "2026-03-01T10:00:00.1234569+01:00".parse()?;
/// assert_eq!(at.to_string(), "2026-03-01T09:00:00.123456Z");
/// # Ok::<(), governance_persistence::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Timestamp(i64);

impl Timestamp {
    /// The Unix epoch, 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Self = Self(0);
    /// 0000-01-01T00:00:00Z.
    pub const MIN: Self = Self(-62_167_219_200_000_000);
    /// 9999-12-31T23:59:59.999999Z.
    pub const MAX: Self = Self(253_402_300_799_999_999);

    /// The time now, by this machine's clock.
    pub fn now() -> Self {
        let micros = OffsetDateTime::now_utc().unix_timestamp_nanos().div_euclid(1_000);
        Self(i64::try_from(micros).unwrap_or(Self::MAX.0).clamp(Self::MIN.0, Self::MAX.0))
    }

    /// The instant this many microseconds after the Unix epoch, before it when negative.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] outside the years 0000 to 9999.
    pub fn from_unix_micros(micros: i64) -> Result<Self> {
        if (Self::MIN.0..=Self::MAX.0).contains(&micros) {
            Ok(Self(micros))
        } else {
            Err(out_of_range(format!("is {micros} microseconds from 1970")))
        }
    }

    /// The instant this much later, but at the latest the last one there is.
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(micros).min(Self::MAX.0))
    }

    /// The instant this much earlier, but at the earliest the first one there is.
    #[must_use]
    pub fn saturating_sub(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(micros).max(Self::MIN.0))
    }

    /// Microseconds since the Unix epoch, negative before it.
    pub const fn unix_micros(self) -> i64 {
        self.0
    }
}

fn out_of_range(problem: String) -> Error {
    Fault::new("timestamp", problem, "an instant of the years 0000 to 9999, UTC").into()
}

impl TryFrom<OffsetDateTime> for Timestamp {
    type Error = Error;

    fn try_from(at: OffsetDateTime) -> Result<Self> {
        let micros = at.unix_timestamp_nanos().div_euclid(1_000);
        i64::try_from(micros).map_err(|_| out_of_range(format!("is {at}"))).and_then(Self::from_unix_micros)
    }
}

impl From<Timestamp> for OffsetDateTime {
    fn from(at: Timestamp) -> Self {
        // Never out of range, and without the division of 128 bits that counting in nanoseconds takes.
        let seconds = Self::from_unix_timestamp(at.0.div_euclid(1_000_000)).unwrap_or(Self::UNIX_EPOCH);
        seconds + Duration::from_micros(at.0.rem_euclid(1_000_000).unsigned_abs())
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    /// Reads RFC 3339, with any offset.
    fn from_str(text: &str) -> Result<Self> {
        let at = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| {
            let expected = "RFC 3339, such as 2026-03-01T09:00:00Z";
            Error::from(Fault::new("timestamp", format!("is {text:?}"), expected))
        })?;
        at.checked_to_offset(UtcOffset::UTC).ok_or_else(|| out_of_range(format!("is {text:?}")))?.try_into()
    }
}

impl TryFrom<String> for Timestamp {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Timestamp> for String {
    fn from(at: Timestamp) -> Self {
        at.to_string()
    }
}

/// An instant as text, such as `2026-03-01T09:00:00.123456Z`.
struct Text([u8; 27]);

impl Text {
    /// Every commit holds a few instants, and formatting their numbers one by one takes longer than all the rest.
    fn of(at: Timestamp) -> Self {
        let at = OffsetDateTime::from(at);
        let (year, month, day) = at.to_calendar_date();
        let (hour, minute, second, micro) = at.to_hms_micro();
        let mut text = Self(*b"0000-00-00T00:00:00.000000Z");
        // The years 0000 to 9999 have no sign.
        text.put(0..4, year.unsigned_abs());
        for (place, number) in [(5, u8::from(month)), (8, day), (11, hour), (14, minute), (17, second)] {
            text.put(place..place + 2, number.into());
        }
        text.put(20..26, micro);
        text
    }

    /// Writes a number with all the digits that its place has.
    fn put(&mut self, place: Range<usize>, mut number: u32) {
        for digit in self.0[place].iter_mut().rev() {
            *digit = b'0' + (number % 10) as u8;
            number /= 10;
        }
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default() // digits are UTF-8
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(Text::of(*self).as_str())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Text::of(*self).as_str())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_time_survive_text() {
        for at in [Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH, Timestamp(-1)] {
            assert_eq!(at.to_string().parse::<Timestamp>().unwrap(), at);
        }
        assert_eq!(Timestamp::MIN.to_string(), "0000-01-01T00:00:00.000000Z");
        assert_eq!(Timestamp::MAX.to_string(), "9999-12-31T23:59:59.999999Z");
        assert!(Timestamp::from_unix_micros(Timestamp::MAX.0 + 1).is_err());
        assert!("0000-01-01T00:00:00+01:00".parse::<Timestamp>().is_err());
    }

    #[test]
    fn text_is_what_the_calendar_says() {
        let step = (Timestamp::MAX.0 / 9_973).unsigned_abs() as usize + 1;
        let format = "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z";
        let format = time::format_description::parse_borrowed::<2>(format).unwrap();
        for micros in (Timestamp::MIN.0..=Timestamp::MAX.0).step_by(step) {
            let at = Timestamp::from_unix_micros(micros).unwrap();
            let expected = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000).unwrap();
            assert_eq!(at.to_string(), expected.format(&format).unwrap());
            assert_eq!(serde_json::to_value(at).unwrap(), at.to_string());
        }
        assert_eq!(format!("{:>28}", Timestamp::UNIX_EPOCH), " 1970-01-01T00:00:00.000000Z");
    }

    #[test]
    fn what_is_finer_than_a_microsecond_is_cut_towards_the_past() {
        let before_1970 = OffsetDateTime::from_unix_timestamp_nanos(-1).unwrap();
        assert_eq!(Timestamp::try_from(before_1970).unwrap().unix_micros(), -1);
    }

    #[test]
    fn text_that_is_no_instant_is_refused() {
        for bad in ["", "yesterday", "2026-13-01T00:00:00Z", "2026-01-01", "2026-01-01T00:00:00"] {
            assert!(bad.parse::<Timestamp>().is_err(), "{bad}");
        }
    }
}
