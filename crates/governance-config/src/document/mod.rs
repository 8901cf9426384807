//! A parsed file: values, and where in the text each of them stands. YAML and JSON become the same.

mod json;
mod scalar;
mod secrecy;
mod yaml;
pub(crate) mod yaml_data;

pub(crate) use scalar::{Notation, Scalar};
pub(crate) use secrecy::is_hidden;

use crate::Format;
use crate::diagnostics::{Faults, Span};
use std::rc::Rc;

/// Most bytes of a file.
pub(crate) const MAX_BYTES: usize = 1 << 20;
/// Deepest nesting.
const MAX_DEPTH: usize = 64;
/// Most values and keys, those that aliases repeat included.
const MAX_NODES: usize = 50_000;

/// A whole file.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) root: Node,
}

/// A value and its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) tagged: bool,
    pub(crate) value: Value,
}

/// A value. Aliases share what they repeat.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Scalar(Scalar),
    List(Rc<[Node]>),
    Map(Rc<[Entry]>),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// None when the key is no scalar, as YAML allows.
    pub(crate) key: Option<String>,
    pub(crate) key_span: Span,
    /// Is it YAML's merge key, a plain `<<`?
    pub(crate) merges: bool,
    pub(crate) node: Node,
}

impl Document {
    /// Parses a text, or says why it cannot be.
    pub(crate) fn parse(text: &str, format: Format, faults: &mut Faults) -> Option<Self> {
        if text.len() > MAX_BYTES {
            faults.add(Span::default(), "", "the text is larger than 1 MiB", "at most 1 MiB");
            secrecy::hide_unparsed(text.lines().next().unwrap_or_default(), faults);
            return None;
        }
        let root = match format {
            Format::Yaml => yaml::parse(text, faults),
            Format::Json => json::parse(text, faults),
        };
        match &root {
            Some(root) => secrecy::hide(root, faults),
            None => secrecy::hide_unparsed(text, faults),
        }
        root.map(|root| Self { root })
    }
}

fn too_deep(faults: &mut Faults, span: Span) {
    let expected = format!("at most {MAX_DEPTH} levels");
    faults.add(span, "", format!("nests deeper than {MAX_DEPTH} levels"), expected);
}

fn too_many(faults: &mut Faults, span: Span) {
    let expected = format!("at most {MAX_NODES}, those that aliases repeat included");
    faults.add(span, "", format!("holds more than {MAX_NODES} values"), expected);
}

fn empty(faults: &mut Faults) {
    faults.add(Span::default(), "", "the file is empty", "`governance:` with `persistence:` in it");
}
