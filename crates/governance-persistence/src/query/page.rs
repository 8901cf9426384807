//! Pages: how many items, and where the next ones begin.

use crate::limits::{DEFAULT_PAGE, MAX_PAGE};
use crate::{Error, Fault, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};

/// How many items a page may hold: 1 to 1,000, by default 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PageSize(usize);

impl PageSize {
    /// The largest page, 1,000 items.
    pub const MAX: Self = Self(MAX_PAGE);

    /// A page of at most this many items.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] outside 1 to 1,000.
    pub fn new(items: usize) -> Result<Self> {
        if (1..=MAX_PAGE).contains(&items) {
            Ok(Self(items))
        } else {
            let expected = format!("1 to {MAX_PAGE} items");
            Err(Fault::new("page size", format!("is {items}"), expected).into())
        }
    }

    /// The number of items.
    pub const fn get(self) -> usize {
        self.0
    }
}

impl Default for PageSize {
    fn default() -> Self {
        Self(DEFAULT_PAGE)
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins; `None` when this is the last one.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// The first `size` of these items. If there are more, the next page begins behind the last
    /// item, at the cursor that `cursor` makes of it.
    pub fn cut(mut items: Vec<T>, size: PageSize, cursor: impl FnOnce(&T) -> Cursor) -> Self {
        let more = items.len() > size.get();
        items.truncate(size.get());
        let next = items.last().filter(|_| more).map(cursor);
        Self { items, next }
    }
}

/// Where a page begins. Opaque: it means something only to the query it came from, for which it
/// stays good as long as the data lives, on every backplane.
#[derive(Clone, PartialEq, Eq)]
pub struct Cursor {
    position: Vec<u8>,
    query: [u8; 8],
}

impl Cursor {
    /// The cursor behind `position`, for the query that `query` describes.
    pub(super) fn new(position: Vec<u8>, query: &str) -> Self {
        Self { position, query: fingerprint(query) }
    }

    /// The position, if the cursor came from this very query.
    pub(super) fn position(&self, query: &str) -> Result<&[u8]> {
        if self.query == fingerprint(query) { Ok(&self.position) } else { Err(self.wrong("belongs to another query")) }
    }

    /// The error of a cursor that is not one of ours.
    pub(super) fn wrong(&self, problem: &str) -> Error {
        Error::invalid("cursor", problem, EXPECTED)
    }
}

/// What a query asks for, spelled the same for ever.
pub(super) fn describe<T: Serialize>(query: &T) -> String {
    // Text, numbers and lists of them always serialize.
    serde_json::to_string(query).unwrap_or_default()
}

const EXPECTED: &str = "the `next` of a page of the same query, unchanged";

fn fingerprint(query: &str) -> [u8; 8] {
    let digest: [u8; 32] = Sha256::digest(query).into();
    let mut short = [0; 8];
    short.copy_from_slice(&digest[..8]);
    short
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.query[..], &self.position].concat();
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cursor({self})")
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::invalid("cursor", format!("is {text:?}"), EXPECTED);
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
        let (query, position) = bytes.split_first_chunk().ok_or_else(wrong)?;
        Ok(Self { position: position.to_vec(), query: *query })
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
