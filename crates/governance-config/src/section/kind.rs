//! The `type` of a gate or a policy.

use crate::reading::{At, Reading};
use crate::setting::{Named, Setting};
use crate::{Registry, names};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// The built-in types of one sort, which others may be registered beside.
pub(super) trait Sort: Named {
    /// What it is called, with its article.
    const CALLED: &'static str;

    /// The name as it was registered, found by any spelling of it.
    fn find<'r>(registry: &'r Registry, name: &str) -> Option<&'r str>;

    /// All that were registered.
    fn registered(registry: &Registry) -> Vec<&str>;
}

/// A type of one sort.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind<S> {
    BuiltIn(S),
    /// A registered one, by its registered name.
    Custom(String),
    /// A faulty one, that gives no hint at what its keys would be.
    Undecided,
}

impl<S: Sort> Setting for Kind<S> {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let name = reading.text(at, &format!("the type of {}", S::CALLED))?;
        if let Some(built_in) = S::of_name(&name) {
            return Some(Self::BuiltIn(built_in));
        }
        let registry = reading.registry;
        if let Some(registered) = S::find(registry, &name) {
            return Some(Self::Custom(registered.to_owned()));
        }
        let known: Vec<&str> = S::NAMES.iter().map(|(name, _)| *name).chain(S::registered(registry)).collect();
        let close = if at.is_interpolated() { "" } else { name.as_str() };
        let problem = format!("the type {} of {} is unknown", at.shown(), S::CALLED);
        reading.fault(at, problem, names::suggestion(close, &known));
        // The rest is checked as what was probably meant.
        let meant = names::closest(close, known).and_then(S::of_name);
        Some(meant.map_or(Self::Undecided, Self::BuiltIn))
    }
}

impl<S: Sort> Serialize for Kind<S> {
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        serializer.serialize_str(match self {
            Self::BuiltIn(built_in) => built_in.name(),
            Self::Custom(name) => name,
            Self::Undecided => "",
        })
    }
}

impl<S: Sort> JsonSchema for Kind<S> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("TypeOf{}", S::CALLED).into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let built_in: Vec<_> = S::NAMES.iter().map(|(name, _)| *name).collect();
        json_schema!({ "anyOf": [{ "enum": built_in }, { "type": "string", "minLength": 1 }] })
    }
}
