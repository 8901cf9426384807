//! Numbers that count: an experiment's commits, its configuration versions, places in history.

use crate::limits::MAX_COUNT;
use crate::{Error, Fault, Result};
use serde::{Deserialize, Serialize};
use std::{fmt, num::NonZeroU64, str::FromStr};

/// An experiment's commit counter: 1, 2, 3 … without a gap; 0 when nothing was ever recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Sequence(u64);

impl Sequence {
    /// Nothing was ever recorded.
    pub const ZERO: Self = Self(0);

    /// The sequence of this number.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] over 2^53 - 1.
    pub fn new(number: u64) -> Result<Self> {
        Self::try_from(number)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The sequence that follows. At the last one, 2^53 - 1, it stays there; at a million
    /// commits a second to one experiment that is 285 years away.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(if self.0 < MAX_COUNT { self.0 + 1 } else { MAX_COUNT })
    }

    /// The sequence before. At 0, before which there is nothing, it stays there.
    #[must_use]
    pub const fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl TryFrom<u64> for Sequence {
    type Error = Error;

    fn try_from(number: u64) -> Result<Self> {
        if number <= MAX_COUNT { Ok(Self(number)) } else { Err(too_large("sequence", number, 0)) }
    }
}

impl TryFrom<i64> for Sequence {
    type Error = Error;

    fn try_from(number: i64) -> Result<Self> {
        u64::try_from(number).map_err(|_| negative("sequence", number, 0))?.try_into()
    }
}

impl From<Sequence> for u64 {
    fn from(sequence: Sequence) -> Self {
        sequence.0
    }
}

impl FromStr for Sequence {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        parse("sequence", text, 0)?.try_into()
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The number of a configuration version or of a policy definition: positive.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct VersionNumber(NonZeroU64);

impl VersionNumber {
    /// The usual first version, 1.
    pub const FIRST: Self = Self(NonZeroU64::MIN);

    /// The version of this number.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for 0 and over 2^53 - 1.
    pub fn new(number: u64) -> Result<Self> {
        Self::try_from(number)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0.get()
    }

    /// The version that follows; `None` after the last one, 2^53 - 1.
    pub fn next(self) -> Option<Self> {
        Self::try_from(self.get() + 1).ok()
    }
}

impl TryFrom<u64> for VersionNumber {
    type Error = Error;

    fn try_from(number: u64) -> Result<Self> {
        match NonZeroU64::new(number) {
            None => Err(negative("version", 0, 1)),
            Some(_) if number > MAX_COUNT => Err(too_large("version", number, 1)),
            Some(number) => Ok(Self(number)),
        }
    }
}

impl TryFrom<i64> for VersionNumber {
    type Error = Error;

    fn try_from(number: i64) -> Result<Self> {
        u64::try_from(number).map_err(|_| negative("version", number, 1))?.try_into()
    }
}

impl From<VersionNumber> for u64 {
    fn from(version: VersionNumber) -> Self {
        version.get()
    }
}

impl FromStr for VersionNumber {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        parse("version", text, 1)?.try_into()
    }
}

impl fmt::Display for VersionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for VersionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VersionNumber({self})")
    }
}

/// Where a record stands in its experiment's history: the commit's sequence, then its ordinal in
/// that commit, from 0, counted across kinds. This is the order of history; no clock is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The commit.
    pub sequence: Sequence,
    /// The position in the commit, from 0.
    pub ordinal: u32,
}

impl Place {
    /// The place of record number `ordinal`, from 0, of the commit at `sequence`.
    pub const fn new(sequence: Sequence, ordinal: u32) -> Self {
        Self { sequence, ordinal }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.sequence, self.ordinal)
    }
}

fn expected(least: u64) -> String {
    format!("a whole number from {least} to {MAX_COUNT}")
}

fn too_large(field: &str, number: u64, least: u64) -> Error {
    Fault::new(field, format!("is {number}"), expected(least)).into()
}

fn negative(field: &str, number: i64, least: u64) -> Error {
    Fault::new(field, format!("is {number}"), expected(least)).into()
}

fn parse(field: &str, text: &str, least: u64) -> Result<u64> {
    text.parse().map_err(|_| Fault::new(field, format!("is {text:?}"), expected(least)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_end_where_a_double_stops_being_exact() {
        assert!(Sequence::new(MAX_COUNT).is_ok());
        assert!(Sequence::new(MAX_COUNT + 1).is_err());
        assert!(VersionNumber::new(0).is_err());
        assert!(VersionNumber::new(MAX_COUNT).unwrap().next().is_none());
        assert!("-1".parse::<VersionNumber>().is_err());
        assert!("1.0".parse::<Sequence>().is_err());
    }

    #[test]
    fn places_count_across_the_ordinals_of_a_commit_first() {
        let place = |s, o| Place::new(Sequence::new(s).unwrap(), o);
        assert!(place(1, 9) < place(2, 0));
        assert!(place(2, 0) < place(2, 1));
    }
}
