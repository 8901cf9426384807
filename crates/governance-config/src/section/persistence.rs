//! `persistence:` whose other keys depend on its `type`. Options stand under `options`, or flat
//! beside `type`.

#[cfg(feature = "redis")]
use super::redis::{self, RedisKeys, RedisOptionKeys};
use super::sql::{SqlKeys, SqlOptionKeys};
use super::table::Section;
use super::type_name::TypeName;
use super::{custom, sql};
use crate::Persistence;
use crate::reading::{At, Keys, Reading, Source};
use crate::setting::{NotBuilt, OnlyTrue, Refused, Setting, Unchecked};
use serde::{Serialize, Serializer};
use serde_json::Value;

section! {
    /// The keys that every type has.
    PersistenceKeys {
        /// Where governance state is kept: a built-in type, or one that the program registered.
        required "type" => type_name: TypeName,
        /// A commit that expects what is no longer there is refused.
        optional "optimisticConcurrency" => optimistic_concurrency: OnlyTrue<Unchecked>,
        /// History is kept for ever.
        optional "retainHistory" => retain_history: OnlyTrue<NotBuilt>,
        optional "retention" => retention: Refused<NotBuilt>,
    }
}

/// The section as a whole.
#[derive(Debug)]
pub(crate) struct PersistenceSection(pub(crate) Persistence);

/// Keys that may stand in either of two places.
pub(super) struct OptionKeys<'n> {
    pub(super) flat: Keys<'n>,
    pub(super) nested: Option<Keys<'n>>,
}

impl<'n> OptionKeys<'n> {
    /// Where a key stands, in either place.
    pub(super) fn peek(&self, key: &str) -> Option<At<'n>> {
        self.nested.as_ref().and_then(|nested| nested.peek(key)).or_else(|| self.flat.peek(key))
    }

    fn refuse_unknown(&self, elsewhere: &[(&[&str], &str)], reading: &mut Reading<'_>) {
        self.flat.refuse_unknown(elsewhere, &[], reading);
        if let Some(nested) = &self.nested {
            nested.refuse_unknown(elsewhere, &[], reading);
        }
    }
}

impl<'n> Source<'n> for OptionKeys<'n> {
    fn find(&mut self, key: &'static str, reading: &mut Reading<'_>) -> Option<At<'n>> {
        let flat = self.flat.find(key, reading);
        let nested = self.nested.as_mut().and_then(|nested| nested.find(key, reading));
        match (flat, nested) {
            (Some(flat), Some(nested)) => {
                let again = if flat.node.span.start < nested.node.span.start { &nested } else { &flat };
                let problem = format!("`{key}` stands both under `options` and beside `type`");
                reading.key_fault(again, problem, "each key once");
                Some(nested)
            }
            (flat, nested) => flat.or(nested),
        }
    }

    fn at(&self) -> &At<'n> {
        self.flat.at()
    }
}

/// Keys of `type: redis`, for other types to say so.
#[cfg(feature = "redis")]
const OF_REDIS: &[(&[&str], &str)] = &[(RedisOptionKeys::KEYS, "`type: redis`")];
#[cfg(not(feature = "redis"))]
const OF_REDIS: &[(&[&str], &str)] = &[];

/// The type that a connection string is most likely of.
#[cfg(feature = "redis")]
fn type_of_url(at: &At<'_>) -> TypeName {
    let is_redis = |scheme: &str| scheme.contains("redis") || scheme.starts_with("valkey");
    if at.scheme().is_some_and(is_redis) { TypeName::Redis } else { TypeName::Sql }
}

#[cfg(not(feature = "redis"))]
fn type_of_url(_: &At<'_>) -> TypeName {
    TypeName::Sql
}

impl Setting for PersistenceSection {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let mut flat = Keys::of(at, reading)?;
        let keys = PersistenceKeys::read(&mut flat, reading);
        let nested = flat.find("options", reading).and_then(|options| Keys::of(&options, reading));
        // Without a type, a connection string tells it well enough to check the rest.
        let type_name = keys.type_name.or_else(|| flat.peek("connectionString").map(|url| type_of_url(&url)));
        let Some(type_name) = type_name.filter(|name| *name != TypeName::Undecided) else {
            flat.refuse_merges(reading);
            return None;
        };
        let mut keys = OptionKeys { flat, nested };
        let of_sql = [(SqlKeys::KEYS, "`type: sql`"), (SqlOptionKeys::KEYS, "`type: sql`")];
        let persistence = match type_name {
            TypeName::InMemory => {
                keys.refuse_unknown(&[&of_sql[..], OF_REDIS].concat(), reading);
                Some(Persistence::InMemory)
            }
            TypeName::Sql => {
                let options = sql::read(&mut keys, reading);
                keys.refuse_unknown(OF_REDIS, reading);
                options.map(Persistence::Sql)
            }
            #[cfg(feature = "redis")]
            TypeName::Redis => {
                let options = redis::read(&mut keys, reading);
                keys.refuse_unknown(&of_sql, reading);
                options.map(Persistence::Redis)
            }
            TypeName::Custom(type_name) => {
                custom::read(&keys, reading).map(|options| Persistence::Custom { type_name, options })
            }
            TypeName::Undecided => None,
        };
        persistence.map(Self)
    }
}

#[derive(Serialize)]
struct Written {
    #[serde(flatten)]
    keys: PersistenceKeys,
    #[serde(flatten)]
    place: Option<WrittenPlace>,
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<WrittenOptions>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum WrittenPlace {
    Sql(SqlKeys),
    #[cfg(feature = "redis")]
    Redis(RedisKeys),
}

#[derive(Serialize)]
#[serde(untagged)]
enum WrittenOptions {
    Sql(SqlOptionKeys),
    #[cfg(feature = "redis")]
    Redis(RedisOptionKeys),
    Custom(Value),
}

impl Serialize for PersistenceSection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (type_name, place, options) = match &self.0 {
            Persistence::InMemory => (TypeName::InMemory, None, None),
            Persistence::Sql(options) => {
                let keys = WrittenOptions::Sql(SqlOptionKeys::of(options));
                (TypeName::Sql, Some(WrittenPlace::Sql(SqlKeys::of(options))), Some(keys))
            }
            #[cfg(feature = "redis")]
            Persistence::Redis(options) => {
                let keys = WrittenOptions::Redis(RedisOptionKeys::of(options));
                (TypeName::Redis, Some(WrittenPlace::Redis(RedisKeys::of(options))), Some(keys))
            }
            Persistence::Custom { type_name, options } => {
                let keys = WrittenOptions::Custom(custom::written(options));
                (TypeName::Custom(type_name.clone()), None, Some(keys))
            }
        };
        let keys = PersistenceKeys {
            type_name: Some(type_name),
            optimistic_concurrency: None,
            retain_history: None,
            retention: None,
        };
        Written { keys, place, options }.serialize(serializer)
    }
}
