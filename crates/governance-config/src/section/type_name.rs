//! The `type` of a backplane.

use crate::names;
use crate::reading::{At, Reading};
use crate::registry::BUILT_IN;
use crate::setting::{NotBuilt, Reason, Setting};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// A type of backplane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TypeName {
    InMemory,
    Sql,
    /// A registered one, by its registered name.
    Custom(String),
    /// A faulty one, that gives no hint at what its keys would be.
    Undecided,
}

/// The built-in types that this version has, first among [`BUILT_IN`].
pub(super) fn built() -> &'static [&'static str] {
    BUILT_IN.get(..2).unwrap_or_default()
}

/// The built-in types of later versions.
pub(super) fn not_built() -> &'static [&'static str] {
    BUILT_IN.get(2..).unwrap_or_default()
}

impl TypeName {
    fn of_built(name: &str) -> Option<Self> {
        match names::folded(name).as_str() {
            "inmemory" => Some(Self::InMemory),
            "sql" => Some(Self::Sql),
            _ => None,
        }
    }
}

impl Setting for TypeName {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let name = reading.text(at, "the type of a backplane")?;
        if let Some(built) = Self::of_built(&name) {
            return Some(built);
        }
        if let Some(registered) = reading.registry.find(&name) {
            return Some(Self::Custom(registered.to_owned()));
        }
        let registry = reading.registry;
        let known: Vec<&str> = built().iter().copied().chain(registry.names()).collect();
        if not_built().iter().any(|later| names::folded(later) == names::folded(&name)) {
            let expected = format!("one of: {}", names::listed(&known));
            reading.fault(at, format!("{} {}", at.shown(), NotBuilt::PROBLEM), expected);
            return Some(Self::Undecided);
        }
        let close = if at.is_interpolated() { "" } else { name.as_str() };
        reading.fault(at, format!("the type {} is unknown", at.shown()), names::suggestion(close, &known));
        // The rest is checked as what was probably meant.
        Some(names::closest(close, known).and_then(Self::of_built).unwrap_or(Self::Undecided))
    }
}

impl Serialize for TypeName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::InMemory => "inMemory",
            Self::Sql => "sql",
            Self::Custom(name) => name,
            Self::Undecided => "",
        })
    }
}

impl JsonSchema for TypeName {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "TypeName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "enum": built() }, { "type": "string", "minLength": 1 }] })
    }
}
