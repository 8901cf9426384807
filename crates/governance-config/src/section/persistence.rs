//! `persistence:` whose other keys depend on its `type`. Options stand under `options`, or flat
//! beside `type`.

use super::sql::{REDIS_KEYS, SqlKeys, SqlOptionKeys};
use super::table::Section;
use super::type_name::TypeName;
use super::{custom, sql};
use crate::Persistence;
use crate::reading::{At, Keys, Reading, Source};
use crate::setting::{NotBuilt, OnlyTrue, Refused, Setting};
use serde::{Serialize, Serializer};
use serde_json::Value;

section! {
    /// The keys that every type has.
    PersistenceKeys {
        /// Where governance state is kept: a built-in type, or one that the program registered.
        required "type" => type_name: TypeName,
        /// A commit that expects what is no longer there is refused.
        optional "optimisticConcurrency" => optimistic_concurrency: OnlyTrue,
        /// History is kept for ever.
        optional "retainHistory" => retain_history: OnlyTrue,
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

impl Setting for PersistenceSection {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let mut flat = Keys::of(at, reading)?;
        let keys = PersistenceKeys::read(&mut flat, reading);
        let nested = flat.find("options", reading).and_then(|options| Keys::of(&options, reading));
        // Without a type, a connection string tells it well enough to check the rest.
        let is_sql = || flat.peek("connectionString").map(|_| TypeName::Sql);
        let type_name = keys.type_name.or_else(is_sql)?;
        let mut keys = OptionKeys { flat, nested };
        let of_redis = (REDIS_KEYS.as_slice(), "`type: redis`, which is not built yet");
        let persistence = match type_name {
            TypeName::InMemory => {
                let of_sql = [(SqlKeys::KEYS, "`type: sql`"), (SqlOptionKeys::KEYS, "`type: sql`"), of_redis];
                keys.refuse_unknown(&of_sql, reading);
                Some(Persistence::InMemory)
            }
            TypeName::Sql => {
                let options = sql::read(&mut keys, reading);
                keys.refuse_unknown(&[of_redis], reading);
                options.map(Persistence::Sql)
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
    database: Option<SqlKeys>,
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<WrittenOptions>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum WrittenOptions {
    Sql(SqlOptionKeys),
    Custom(Value),
}

impl Serialize for PersistenceSection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (type_name, database, options) = match &self.0 {
            Persistence::InMemory => (TypeName::InMemory, None, None),
            Persistence::Sql(options) => {
                let keys = WrittenOptions::Sql(SqlOptionKeys::of(options));
                (TypeName::Sql, Some(SqlKeys::of(options)), Some(keys))
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
        Written { keys, database, options }.serialize(serializer)
    }
}
