//! A section as a table of its keys, from which come the type, the reader, the writer and the
//! schema, so that no key is named twice.

use crate::reading::{Reading, Source};
use schemars::Schema;
use serde_json::{Map, Value};

/// Reads itself from the keys of a mapping.
pub(crate) trait Section: Sized {
    /// All keys of the section.
    const KEYS: &'static [&'static str];

    /// Reads what is there. What is faulty or missing is none, and was said.
    fn read<'n>(source: &mut impl Source<'n>, reading: &mut Reading<'_>) -> Self;
}

/// Declares a section. A line is `required` or `optional`, the key, the field and its type; its
/// documentation is what editors show.
macro_rules! section {
    (
        $(#[$about:meta])*
        $name:ident {
            $( $(#[doc = $doc:literal])* $need:ident $key:literal => $field:ident: $type:ty, )*
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, serde::Serialize)]
        pub(crate) struct $name {
            $(
                $(#[doc = $doc])*
                #[serde(rename = $key, skip_serializing_if = "Option::is_none")]
                pub(crate) $field: Option<$type>,
            )*
        }

        impl $crate::section::table::Section for $name {
            const KEYS: &'static [&'static str] = &[$($key),*];

            fn read<'n>(
                source: &mut impl $crate::reading::Source<'n>,
                reading: &mut $crate::reading::Reading<'_>,
            ) -> Self {
                Self { $( $field: source.$need::<$type>($key, reading) ),* }
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $crate::section::table::object(vec![
                    $((
                        $key,
                        stringify!($need) == "required",
                        concat!($($doc),*),
                        generator.subschema_for::<$type>(),
                    )),*
                ])
            }
        }
    };
}

/// The schema of a mapping with these keys and no others: key, required, documentation, schema.
pub(crate) fn object(keys: Vec<(&'static str, bool, &'static str, Schema)>) -> Schema {
    let required: Vec<_> = keys.iter().filter(|(_, required, ..)| *required).map(|(key, ..)| *key).collect();
    let property = |(key, _, doc, mut schema): (&'static str, bool, &'static str, Schema)| {
        if schema.get("description").is_none() && schema.get("$ref").is_none() {
            schema.insert("description".to_owned(), doc.trim().into());
        }
        (key.to_owned(), Value::from(schema))
    };
    let properties: Map<_, _> = keys.into_iter().map(property).collect();
    schemars::json_schema!({
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": false,
    })
}
