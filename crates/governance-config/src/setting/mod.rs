//! The types of settings: each reads itself from a value, writes itself, and knows its schema.

mod choice;
mod decimal;
mod distinct;
mod list;
mod name;
mod number;
mod period;
mod pointer;
mod refused;
mod state;
mod switch;
mod text;
mod time_of_day;
#[cfg(feature = "redis")]
mod verbatim;

pub(crate) use choice::{Choice, Named, names_schema};
pub(crate) use decimal::{Decimal, Percentage, Share};
pub(crate) use distinct::{Distinct, Labelled};
pub(crate) use list::List;
pub(crate) use name::{Name, Names, NamesOrAny};
pub(crate) use number::Count;
pub(crate) use period::Period;
pub(crate) use pointer::Pointer;
pub(crate) use refused::{NotBuilt, OnlyTrue, Reason, Refused, Unchecked};
pub(crate) use switch::Switch;
pub(crate) use text::Text;
pub(crate) use time_of_day::TimeOfDay;
#[cfg(feature = "redis")]
pub(crate) use verbatim::Verbatim;

use crate::reading::{At, Reading};
use schemars::JsonSchema;

/// The regular expression, for the schema, of a string that a variable may turn into anything.
pub(crate) const INTERPOLATED: &str = r"\$\{";

/// A type that keys can have.
pub(crate) trait Setting: JsonSchema + Sized {
    /// Reads the value; none when it is faulty, which is then said.
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self>;
}
