//! Names of gates, policies, roles and experiments.

use super::text::{ONE_LINE, WRITTEN};
use super::{INTERPOLATED, List, Setting, Text};
use crate::names;
use crate::reading::{At, Reading};
use governance_persistence::limits::MAX_LABEL_CHARS;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// A text on one line that fits into a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Name(pub(crate) Text);

impl Name {
    /// The setting of this name.
    pub(crate) fn of(name: &str) -> Self {
        Self(Text(name.to_owned()))
    }

    /// As text.
    pub(crate) fn get(&self) -> &str {
        &self.0.0
    }
}

impl Setting for Name {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let text = Text::read(at, reading)?;
        if text.0.chars().count() <= MAX_LABEL_CHARS {
            return Some(Self(text));
        }
        reading.fault(at, "is too long", format!("at most {MAX_LABEL_CHARS} characters"));
        None
    }
}

impl JsonSchema for Name {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Name".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": WRITTEN,
            "anyOf": [{ "pattern": ONE_LINE, "maxLength": MAX_LABEL_CHARS }, { "pattern": INTERPOLATED }],
        })
    }
}

/// One name, or more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Names(pub(crate) Vec<Name>);

impl Names {
    /// The setting of these names.
    pub(crate) fn of<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        Self(names.map(Name::of).collect())
    }

    /// As texts.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Name::get)
    }
}

impl Setting for Names {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let List(names) = List::read(at, reading)?;
        if names.is_empty() {
            reading.fault(at, "is empty", "a list of at least one name");
            return None;
        }
        Some(Self(names))
    }
}

impl JsonSchema for Names {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Names".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "minItems": 1, "items": generator.subschema_for::<Name>() })
    }
}

/// Some names; or all, by the word `any`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NamesOrAny {
    Names(Names),
    Any,
}

const ANY: &str = "any";
const EXPECTED: &str = "a list of names, or `any`";

impl Setting for NamesOrAny {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        if at.items().is_some() {
            return Names::read(at, reading).map(Self::Names);
        }
        let text = reading.text(at, EXPECTED)?;
        if names::folded(&text) == ANY {
            return Some(Self::Any);
        }
        reading.fault(at, format!("{} is no list", at.shown()), EXPECTED);
        None
    }
}

impl Serialize for NamesOrAny {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Names(names) => names.serialize(serializer),
            Self::Any => serializer.serialize_str(ANY),
        }
    }
}

impl JsonSchema for NamesOrAny {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "NamesOrAny".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let any = super::choice::names_schema(&[ANY]);
        json_schema!({ "anyOf": [generator.subschema_for::<Names>(), any] })
    }
}
