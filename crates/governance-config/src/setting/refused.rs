//! Keys that are known, and refused with the reason: not built yet, or another's.

use super::{INTERPOLATED, Setting};
use crate::reading::{At, Reading};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use std::{borrow::Cow, marker::PhantomData};

/// Why a key is refused.
pub(crate) trait Reason {
    /// What is wrong with it.
    const PROBLEM: &'static str;
    /// What would be right.
    const EXPECTED: &'static str;
}

/// Part of the language, of a later version.
#[derive(Debug)]
pub(crate) struct NotBuilt;

impl Reason for NotBuilt {
    const PROBLEM: &'static str = "is part of the language, but not built yet in this version";
    const EXPECTED: &'static str = "it to be left out";
}

/// Writes that nobody checks against what is there.
#[derive(Debug)]
pub(crate) struct Unchecked;

impl Reason for Unchecked {
    const PROBLEM: &'static str = "is refused: the managers judge a move by what they read, and a write that ignores \
         what came between would pass gates";
    const EXPECTED: &'static str = "`true`, or no such key";
}

/// A key that must not stand there. No value of this type is ever made.
#[derive(Debug, Serialize)]
pub(crate) struct Refused<R>(PhantomData<R>);

impl<R: Reason> Setting for Refused<R> {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        reading.key_fault(at, R::PROBLEM, R::EXPECTED);
        None
    }
}

impl<R: Reason> JsonSchema for Refused<R> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Refused".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "not": {}, "description": R::PROBLEM })
    }
}

/// A switch whose other position is refused, for this reason.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct OnlyTrue<R>(bool, #[serde(skip)] PhantomData<R>);

impl<R: Reason> Setting for OnlyTrue<R> {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let text = reading.text(at, "`true`")?;
        match text.to_ascii_lowercase().as_str() {
            "true" => return Some(Self(true, PhantomData)),
            "false" => reading.fault(at, format!("{} {}", at.shown(), R::PROBLEM), "`true`, or no such key"),
            _ => reading.fault(at, format!("{} is neither true nor false", at.shown()), "`true`"),
        }
        None
    }
}

impl<R: Reason> JsonSchema for OnlyTrue<R> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "OnlyTrue".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let pattern = format!("^[tT][rR][uU][eE]$|{INTERPOLATED}");
        json_schema!({ "anyOf": [{ "const": true }, { "type": "string", "pattern": pattern }] })
    }
}
