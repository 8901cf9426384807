//! Lists whose items have names, each once.

use super::{List, Setting};
use crate::reading::{At, Reading};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use std::{borrow::Cow, collections::BTreeMap};

/// Something with a name.
pub(crate) trait Labelled {
    /// The name; none where it is not known yet.
    fn label(&self) -> Option<&str>;
}

/// A list in which no name stands twice.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Distinct<T>(pub(crate) Vec<T>);

impl<T: Setting + Labelled> Setting for Distinct<T> {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let Some(items) = at.items().filter(|_| !at.node.tagged) else {
            // What is wrong with it is said there.
            return List::<T>::read(at, reading).map(|List(items)| Self(items));
        };
        let read: Vec<_> = items.iter().map(|item| T::read(item, reading)).collect();
        let mut seen = BTreeMap::new();
        for (item, read) in items.iter().zip(&read) {
            let Some(label) = read.as_ref().and_then(Labelled::label) else { continue };
            // The name is not shown: it may have come from a variable.
            match seen.get(label) {
                Some(first) => reading.fault(item, format!("has the name of {first}"), "a `name` of its own"),
                None => drop(seen.insert(label, &item.path)),
            }
        }
        read.into_iter().collect::<Option<_>>().map(Self)
    }
}

impl<T: JsonSchema> JsonSchema for Distinct<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        List::<T>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        List::<T>::json_schema(generator)
    }
}
