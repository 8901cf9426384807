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
    #[cfg(feature = "redis")]
    Redis,
    /// A registered one, by its registered name.
    Custom(String),
    /// A faulty one, that gives no hint at what its keys would be.
    Undecided,
}

/// How many of [`BUILT_IN`], from the first on, this program has.
const BUILT: usize = if cfg!(feature = "redis") { 3 } else { 2 };
/// What is said of a type that this version has and this program lacks.
const LEFT_OUT: &str = "is not in this program, which was built without the feature of this name";

/// The built-in types that this program has.
pub(super) fn built() -> &'static [&'static str] {
    BUILT_IN.get(..BUILT).unwrap_or_default()
}

/// Those that it has not.
pub(super) fn not_built() -> &'static [&'static str] {
    BUILT_IN.get(BUILT..).unwrap_or_default()
}

/// What the URL says, and not the type.
#[cfg(feature = "redis")]
const REDIS_BY_URL: [(&str, &str); 3] = [
    ("rediscluster", "such as `redis-cluster://host:6379?node=other:6379`"),
    ("redissentinel", "such as `redis-sentinel://host:26379?service=name`"),
    ("valkey", "such as `valkey://host:6379`"),
];

impl TypeName {
    fn of_built(name: &str) -> Option<Self> {
        match names::folded(name).as_str() {
            "inmemory" => Some(Self::InMemory),
            "sql" => Some(Self::Sql),
            #[cfg(feature = "redis")]
            "redis" => Some(Self::Redis),
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
        let folded = names::folded(&name);
        if not_built().iter().any(|later| names::folded(later) == folded) {
            let expected = format!("one of: {}", names::listed(&known));
            let problem = if folded == "redis" { LEFT_OUT } else { NotBuilt::PROBLEM };
            reading.fault(at, format!("{} {problem}", at.shown()), expected);
            return Some(Self::Undecided);
        }
        #[cfg(feature = "redis")]
        if let Some(scheme) = REDIS_BY_URL.iter().find(|(name, _)| *name == folded).map(|(_, scheme)| scheme) {
            reading.fault(at, format!("the type {} is unknown", at.shown()), format!("`redis`, and a URL {scheme}"));
            return Some(Self::Redis);
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
            #[cfg(feature = "redis")]
            Self::Redis => "redis",
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
