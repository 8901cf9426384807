//! Enums that are stored and read by name.

use crate::{Fault, Result};

/// An enum whose values have names: `ALL`, `as_str`, `Display`, `FromStr` and serde, out of one list.
macro_rules! named_enum {
    (
        $(#[$meta:meta])*
        pub enum $type:ident, called $field:literal {
            $($(#[$doc:meta])* $variant:ident = $name:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        pub enum $type {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)+
        }

        impl $type {
            /// All of them, in their order.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// The name, as stored.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $type {
            type Err = crate::Error;

            /// Reads a name without regard to case, hyphens and underscores.
            fn from_str(text: &str) -> crate::Result<Self> {
                $crate::model::named::by_name($field, text, Self::ALL.map(|value| (value.as_str(), value)))
            }
        }
    };
}
pub(crate) use named_enum;

/// The value of this name, without regard to case, hyphens and underscores.
pub(crate) fn by_name<T: Copy, const N: usize>(field: &str, text: &str, values: [(&'static str, T); N]) -> Result<T> {
    let names = || values.each_ref().map(|(name, _)| *name).join(", ");
    // Stored names are written as they are here.
    let found = values.iter().position(|(name, _)| *name == text).or_else(|| {
        let fold = |text: &str| text.replace(['-', '_'], "").to_ascii_lowercase();
        let wanted = fold(text);
        values.iter().position(|(name, _)| fold(name) == wanted)
    });
    let index = found.ok_or_else(|| Fault::new(field, format!("is {text:?}"), format!("one of {}", names())))?;
    Ok(values[index].1)
}
