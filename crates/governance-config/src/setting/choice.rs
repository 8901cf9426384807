//! One of a few names, in any case and with or without hyphens.

use super::{INTERPOLATED, Setting};
use crate::names;
use crate::reading::{At, Reading};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use std::{any::type_name, borrow::Cow};

/// A type whose values have names.
pub(crate) trait Named: Copy + PartialEq + 'static {
    /// All values by name, as they are written.
    const NAMES: &'static [(&'static str, Self)];

    /// What to say of a name that is known, and refused: the problem, and what would be right.
    fn refused(_folded: &str) -> Option<(&'static str, &'static str)> {
        None
    }

    /// The value of this name.
    fn of_name(name: &str) -> Option<Self> {
        let folded = names::folded(name);
        Self::NAMES.iter().find(|(name, _)| names::folded(name) == folded).map(|(_, value)| *value)
    }

    /// The name of this value.
    fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, value)| *value == self).map_or("", |(name, _)| name)
    }
}

/// The setting that is one of these names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Choice<T>(pub(crate) T);

fn names_of<T: Named>() -> Vec<&'static str> {
    T::NAMES.iter().map(|(name, _)| *name).collect()
}

impl<T: Named> Setting for Choice<T> {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let names = names_of::<T>();
        let name = reading.text(at, &format!("one of: {}", names::listed(&names)))?;
        if let Some(value) = T::of_name(&name) {
            return Some(Self(value));
        }
        match T::refused(&names::folded(&name)) {
            Some((problem, expected)) => reading.fault(at, format!("{} {problem}", at.shown()), expected),
            None => {
                let close = if at.is_interpolated() { "" } else { name.as_str() };
                reading.fault(at, format!("{} is unknown", at.shown()), names::suggestion(close, &names));
            }
        }
        None
    }
}

impl<T: Named> Serialize for Choice<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

impl<T: Named> JsonSchema for Choice<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        type_name::<T>().into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        names_schema(&names_of::<T>())
    }
}

/// The schema of a string that is one of these names. Editors offer the names as they are written.
pub(crate) fn names_schema(names: &[&str]) -> Schema {
    let spellings: Vec<_> = names.iter().map(|name| names::pattern(name)).collect();
    let pattern = format!("{}|{INTERPOLATED}", spellings.join("|"));
    json_schema!({ "anyOf": [{ "enum": names }, { "type": "string", "pattern": pattern }] })
}
