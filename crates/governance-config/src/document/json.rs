//! JSON: jsonc-parser gives the places and serde_json is the judge of what JSON is.

use super::{Entry, MAX_DEPTH, MAX_NODES, Node, Notation, Scalar, Value, empty, too_deep, too_many};
use crate::diagnostics::{Faults, Span};
use jsonc_parser::ast;
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::errors::ParseErrorKind;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde::de::IgnoredAny;

const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

pub(super) fn parse(text: &str, faults: &mut Faults) -> Option<Node> {
    if text.trim_matches([' ', '\t', '\r', '\n']).is_empty() {
        empty(faults);
        return None;
    }
    let parsed = match parse_to_ast(text, &CollectOptions::default(), &STRICT) {
        Ok(parsed) => parsed,
        Err(error) if matches!(error.kind(), ParseErrorKind::NestingDepthExceeded) => {
            too_deep(faults, of(error.range()));
            return None;
        }
        Err(error) => {
            let expected = match error.kind() {
                ParseErrorKind::CommentsNotAllowed => "JSON without comments, which YAML may have",
                ParseErrorKind::TrailingCommasNotAllowed => "no comma behind the last one",
                _ => "valid JSON",
            };
            let problem = format!("is not JSON: {}", lower_first(&error.kind().to_string()));
            faults.add(of(error.range()), "", problem, expected);
            return None;
        }
    };
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        let at = byte_at(text, error.line(), error.column());
        let message = error.to_string();
        let what = message.split(" at line ").next().unwrap_or_default();
        faults.add(Span { start: at, end: at + 1 }, "", format!("is not JSON: {what}"), "valid JSON");
        return None;
    }
    let mut builder = Builder { faults, nodes: 0 };
    builder.node(&parsed.value?, 0)
}

struct Builder<'f> {
    faults: &'f mut Faults,
    nodes: usize,
}

impl Builder<'_> {
    /// The value as a node; none when a bound is passed.
    fn node(&mut self, value: &ast::Value<'_>, depth: usize) -> Option<Node> {
        let span = of(value.range());
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            too_many(self.faults, span);
            return None;
        }
        let value = match value {
            ast::Value::StringLit(string) => scalar(&string.value, Notation::Quoted),
            ast::Value::NumberLit(number) => scalar(number.value, Notation::JsonLiteral),
            ast::Value::BooleanLit(flag) => scalar(if flag.value { "true" } else { "false" }, Notation::JsonLiteral),
            ast::Value::NullKeyword(_) => scalar("null", Notation::JsonLiteral),
            ast::Value::Array(_) | ast::Value::Object(_) if depth == MAX_DEPTH => {
                too_deep(self.faults, span);
                return None;
            }
            ast::Value::Array(array) => {
                let nodes = array.elements.iter().map(|element| self.node(element, depth + 1));
                Value::List(nodes.collect::<Option<_>>()?)
            }
            ast::Value::Object(object) => {
                let entries = object.properties.iter().map(|property| self.entry(property, depth));
                Value::Map(entries.collect::<Option<_>>()?)
            }
        };
        Some(Node { span, tagged: false, value })
    }

    fn entry(&mut self, property: &ast::ObjectProp<'_>, depth: usize) -> Option<Entry> {
        let node = self.node(&property.value, depth + 1)?;
        Some(Entry {
            key: Some(property.name.as_str().to_owned()),
            key_span: of(property.name.range()),
            merges: false,
            node,
        })
    }
}

fn scalar(text: &str, notation: Notation) -> Value {
    Value::Scalar(Scalar { text: text.to_owned(), notation })
}

fn of(range: Range) -> Span {
    Span { start: range.start, end: range.end }
}

/// The byte at serde_json's line and column, both from 1 and the column in bytes.
fn byte_at(text: &str, line: usize, column: usize) -> usize {
    let start = match line {
        0 | 1 => 0,
        _ => text.match_indices('\n').nth(line - 2).map_or(text.len(), |(at, _)| at + 1),
    };
    let at = (start + column.saturating_sub(1)).min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn lower_first(message: &str) -> String {
    let mut chars = message.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
