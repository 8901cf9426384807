//! SHA-256 over canonical JSON: of a configuration, and of a whole commit.

use crate::{Error, Fault, Json, Result};
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};

macro_rules! sha256_newtype {
    ($(#[$doc:meta])* $name:ident, $field:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name([u8; 32]);

        impl $name {
            /// SHA-256 over these bytes of canonical JSON.
            pub(crate) fn of_canonical(json: &[u8]) -> Self {
                Self(Sha256::digest(json).into())
            }

            /// The 32 bytes.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Error;

            /// Reads 64 hexadecimal digits.
            fn from_str(text: &str) -> Result<Self> {
                parse_hex($field, text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;

            fn try_from(text: String) -> Result<Self> {
                text.parse()
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut digits = [0; 64];
                serializer.serialize_str(hex(&self.0, &mut digits))
            }
        }

        impl From<$name> for String {
            fn from(digest: $name) -> Self {
                digest.to_string()
            }
        }

        impl fmt::Display for $name {
            /// 64 lower-case hexadecimal digits.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut digits = [0; 64];
                f.write_str(hex(&self.0, &mut digits))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    };
}

/// Formatting a byte at a time takes longer than the hash does.
fn hex<'a>(bytes: &[u8; 32], digits: &'a mut [u8; 64]) -> &'a str {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    std::str::from_utf8(digits).unwrap_or_default()
}

fn parse_hex(field: &str, text: &str) -> Result<[u8; 32]> {
    let fault = || Fault::new(field, format!("is {text:?}"), "64 hexadecimal digits of a SHA-256");
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(fault().into());
    }
    let mut bytes = [0; 32];
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digits = std::str::from_utf8(digits).map_err(|_| Error::from(fault()))?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| Error::from(fault()))?;
    }
    Ok(bytes)
}

sha256_newtype! {
    /// The hash of a configuration: SHA-256 over its canonical JSON. What an approval is bound to.
    ContentHash, "hash"
}

sha256_newtype! {
    /// The fingerprint of a commit: SHA-256 over the canonical JSON of its key, id, state and
    /// records, and not of what it expected. Two commits of one id and one fingerprint are the
    /// same commit.
    Fingerprint, "fingerprint"
}

impl ContentHash {
    /// The hash of this configuration.
    pub fn of(configuration: &Json) -> Self {
        Self::of_canonical(configuration.as_str().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_content_has_an_equal_hash_whatever_its_spelling() {
        let a = Json::parse(r#"{ "b": 1.0, "a": "\u00e9" }"#).unwrap();
        let b = Json::parse(r#"{"a":"é","b":1}"#).unwrap();
        assert_eq!(ContentHash::of(&a), ContentHash::of(&b));
        // printf '{"a":"é","b":1}' | sha256sum
        let sha256sum = "aa58fba8483623bed37c1b02edfccbdd9a53123837c20bfa4cb4049993a2872e";
        assert_eq!(ContentHash::of(&b).to_string(), sha256sum);
    }

    #[test]
    fn a_malformed_hash_is_refused() {
        let long = "0".repeat(65);
        let umlauts = "ü".repeat(32);
        for bad in ["", "abc", &long, &umlauts, &"+".repeat(64)] {
            assert!(bad.parse::<ContentHash>().is_err(), "{bad}");
        }
    }
}
