//! Where it is which time of day.

use crate::{Error, Result};
use governance_persistence::Timestamp;
use std::{fmt, str::FromStr};
use time::UtcOffset;

/// A time zone: UTC, so far from it, or a place whose clocks may change with the season.
///
/// Places are found by their names in the IANA database, which comes with the program, so that all
/// machines that run it agree.
///
/// ```
/// use governance::TimeZone;
///
/// let berlin: TimeZone = "Europe/Berlin".parse()?;
/// let delhi: TimeZone = "+05:30".parse()?;
/// assert_eq!(berlin.to_string(), "Europe/Berlin");
/// assert!("Europe/Bern".parse::<TimeZone>().is_err()); // Bern goes by Europe/Zurich
/// # Ok::<(), governance::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TimeZone(Zone);

#[derive(Clone, Debug, PartialEq)]
enum Zone {
    Fixed(UtcOffset),
    Place(jiff::tz::TimeZone),
}

impl TimeZone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(Zone::Fixed(UtcOffset::UTC));

    /// So far from UTC, all year.
    pub const fn fixed(offset: UtcOffset) -> Self {
        Self(Zone::Fixed(offset))
    }

    /// How far from UTC its clocks are at this instant; none on the last days of the
    /// year 9999, which have no date in some places.
    pub(super) fn offset_at(&self, at: Timestamp) -> Option<UtcOffset> {
        match &self.0 {
            Zone::Fixed(offset) => Some(*offset),
            Zone::Place(place) => {
                let at = jiff::Timestamp::from_microsecond(at.unix_micros()).ok()?;
                UtcOffset::from_whole_seconds(place.to_offset(at).seconds()).ok()
            }
        }
    }
}

/// `+05:30`, and seconds where they are something.
fn signed(offset: UtcOffset) -> String {
    let (hours, minutes, seconds) = offset.as_hms();
    let sign = if offset.is_negative() { '-' } else { '+' };
    let finer = if seconds == 0 { String::new() } else { format!(":{:02}", seconds.unsigned_abs()) };
    format!("{sign}{:02}:{:02}{finer}", hours.unsigned_abs(), minutes.unsigned_abs())
}

/// The offset that [`signed`] writes.
fn offset(text: &str) -> Option<UtcOffset> {
    let negative = text.starts_with('-');
    let parts: Vec<_> = text.strip_prefix(['+', '-'])?.split(':').collect();
    let number = |part: &&str| {
        let is_number = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.parse::<i8>().ok()).flatten().map(|number| if negative { -number } else { number })
    };
    let parts: Vec<_> = parts.iter().map(number).collect::<Option<_>>()?;
    match parts.as_slice() {
        [hours, minutes] => UtcOffset::from_hms(*hours, *minutes, 0).ok(),
        [hours, minutes, seconds] => UtcOffset::from_hms(*hours, *minutes, *seconds).ok(),
        _ => None,
    }
}

impl FromStr for TimeZone {
    type Err = Error;

    /// `UTC`, an offset such as `+05:30`, or the IANA name of a place, in any case.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when it is none of them.
    fn from_str(text: &str) -> Result<Self> {
        if text.eq_ignore_ascii_case("UTC") {
            return Ok(Self::UTC);
        }
        if let Some(offset) = offset(text) {
            return Ok(Self::fixed(offset));
        }
        // One that has no name could not be written again: what the database calls unknown, say.
        match jiff::tz::TimeZone::get(text) {
            Ok(place) if place.iana_name().is_some() => Ok(Self(Zone::Place(place))),
            _ => {
                let expected = "`UTC`, an offset such as `+05:30`, or an IANA name such as `Europe/Berlin`";
                Err(Error::invalid("timeZone", "is no time zone", expected))
            }
        }
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Zone::Fixed(offset) if offset.is_utc() => f.write_str("UTC"),
            Zone::Fixed(offset) => f.write_str(&signed(*offset)),
            Zone::Place(place) => f.write_str(place.iana_name().unwrap_or("a place without a name")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::offset;

    #[test]
    fn what_is_written_is_read_again() {
        for text in ["UTC", "+05:30", "-00:30", "-11:59:59", "Europe/Berlin", "America/St_Johns"] {
            assert_eq!(text.parse::<TimeZone>().unwrap().to_string(), text);
        }
        assert_eq!("utc".parse::<TimeZone>().unwrap(), TimeZone::UTC);
        assert_eq!("+00:00".parse::<TimeZone>().unwrap(), TimeZone::UTC);
        assert_eq!("europe/berlin".parse::<TimeZone>().unwrap().to_string(), "Europe/Berlin");
    }

    #[test]
    fn what_is_no_zone_is_refused() {
        for text in ["", "Z", "Europe", "Berlin", "+5:30", "+05", "05:30", "+99:00", "+05:60", "+-1:00", "Etc/Unknown"]
        {
            assert!(text.parse::<TimeZone>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_clocks_of_a_place_change() {
        let berlin: TimeZone = "Europe/Berlin".parse().unwrap();
        for (at, expected) in [
            ("2026-03-29T00:59:59.999999Z", offset!(+1)),
            ("2026-03-29T01:00:00Z", offset!(+2)),
            ("2026-10-25T00:59:59.999999Z", offset!(+2)),
            ("2026-10-25T01:00:00Z", offset!(+1)),
        ] {
            assert_eq!(berlin.offset_at(at.parse().unwrap()), Some(expected), "{at}");
        }
        assert_eq!(berlin.offset_at(Timestamp::MAX), None);
    }
}
