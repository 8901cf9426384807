//! A scalar: its text, and how it was written.

use super::yaml_data;
use serde_json::Value;

/// A scalar as it stands in the file, before interpolation and before a key's type is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Scalar {
    pub(crate) text: String,
    pub(crate) notation: Notation,
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notation {
    /// In quotes, or as a block of text: a string, whatever it looks like.
    Quoted,
    /// Plain YAML: a string, unless it looks like something else.
    YamlPlain,
    /// A JSON number, `true`, `false` or `null`.
    JsonLiteral,
}

impl Scalar {
    /// The value, where no key says of which type it is to be.
    pub(crate) fn value(&self) -> Value {
        let plain = match self.notation {
            Notation::Quoted => None,
            Notation::YamlPlain => yaml_data::read_plain(&self.text),
            Notation::JsonLiteral => serde_json::from_str(&self.text).ok(),
        };
        plain.unwrap_or_else(|| Value::String(self.text.clone()))
    }

    /// Is it null, which in YAML is also what is left out?
    pub(crate) fn is_null(&self) -> bool {
        self.notation != Notation::Quoted && (self.text.is_empty() || self.value().is_null())
    }
}
