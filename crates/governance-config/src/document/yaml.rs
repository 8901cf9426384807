//! YAML: saphyr-parser's events, each with its place, become nodes. Bounds hold while it parses.

use super::{Entry, MAX_DEPTH, MAX_NODES, Node, Notation, Scalar, Value, empty, too_deep, too_many};
use crate::diagnostics::{Faults, Span};
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};
use std::collections::HashMap;

pub(super) fn parse(text: &str, faults: &mut Faults) -> Option<Node> {
    let places = Places::of(text);
    let mut builder = Builder { faults, open: Vec::new(), anchors: HashMap::new(), nodes: 0, root: None };
    for event in Parser::new_from_str(text) {
        let (event, span) = match event {
            Ok((event, span)) => (event, places.span(span)),
            Err(error) => {
                syntax(builder.faults, text, &places, &error);
                return None;
            }
        };
        if builder.root.is_some() && matches!(event, Event::DocumentStart(_)) {
            builder.faults.add(span, "", "a second document begins here", "one document a file");
            break;
        }
        builder.take(event, span)?;
    }
    let is_empty = builder.root.as_ref().is_none_or(|Built { node, .. }| match &node.value {
        Value::Scalar(scalar) => scalar.is_null(),
        _ => false,
    });
    if is_empty {
        empty(builder.faults);
        return None;
    }
    builder.root.map(|built| built.node)
}

fn syntax(faults: &mut Faults, text: &str, places: &Places, error: &ScanError) {
    let start = places.byte(error.marker().index());
    if error.info() == "recursion limit exceeded" {
        too_deep(faults, Span { start, end: start + 1 }); // the parser's own limit, a higher one
        return;
    }
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    let expected = if line.contains("${") && line.contains(['{', '[']) {
        "valid YAML; between { } or [ ], put a value with ${…} in quotes"
    } else {
        "valid YAML"
    };
    faults.add(Span { start, end: start + 1 }, "", format!("is not YAML: {}", error.info()), expected);
}

/// A finished value, with the number of values in it.
#[derive(Clone)]
struct Built {
    node: Node,
    nodes: usize,
}

/// A list or map that has begun and not ended.
struct Open {
    span: Span,
    anchor: usize,
    tagged: bool,
    nodes: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map(Vec<Entry>, Option<Node>),
}

struct Builder<'f> {
    faults: &'f mut Faults,
    open: Vec<Open>,
    anchors: HashMap<usize, Built>,
    nodes: usize,
    root: Option<Built>,
}

impl Builder<'_> {
    /// None when a bound is passed, and there is no use in going on.
    fn take(&mut self, event: Event<'_>, span: Span) -> Option<()> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let notation = if style == ScalarStyle::Plain { Notation::YamlPlain } else { Notation::Quoted };
                let value = Value::Scalar(Scalar { text: text.into_owned(), notation });
                self.put(Built { node: Node { span, tagged: tag.is_some(), value }, nodes: 1 }, anchor)
            }
            Event::Alias(anchor) => {
                let Some(mut built) = self.anchors.get(&anchor).cloned() else {
                    self.faults.add(span, "", "an alias stands inside of what it repeats", "no such circle");
                    return None;
                };
                if matches!(built.node.value, Value::Scalar(_)) {
                    built.node.span = span;
                }
                self.put(built, 0)
            }
            Event::SequenceStart(anchor, tag) => self.begin(span, anchor, tag.is_some(), Content::List(Vec::new())),
            Event::MappingStart(anchor, tag) => self.begin(span, anchor, tag.is_some(), Content::Map(Vec::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                Some(())
            }
        }
    }

    fn begin(&mut self, span: Span, anchor: usize, tagged: bool, content: Content) -> Option<()> {
        if self.open.len() == MAX_DEPTH {
            too_deep(self.faults, span);
            return None;
        }
        self.open.push(Open { span, anchor, tagged, nodes: 1, content });
        Some(())
    }

    fn end(&mut self, span: Span) -> Option<()> {
        let open = self.open.pop()?;
        let value = match open.content {
            Content::List(nodes) => Value::List(nodes.into()),
            Content::Map(entries, _) => Value::Map(entries.into()),
        };
        let span = Span { start: open.span.start, end: span.end };
        self.nodes -= open.nodes - 1;
        self.put(Built { node: Node { span, tagged: open.tagged, value }, nodes: open.nodes }, open.anchor)
    }

    /// Puts a finished value where it belongs.
    fn put(&mut self, built: Built, anchor: usize) -> Option<()> {
        if anchor != 0 {
            self.anchors.insert(anchor, built.clone());
        }
        self.nodes += built.nodes;
        if self.nodes > MAX_NODES {
            too_many(self.faults, built.node.span);
            return None;
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(built);
            return Some(());
        };
        open.nodes += built.nodes;
        match &mut open.content {
            Content::List(nodes) => nodes.push(built.node),
            Content::Map(entries, key) => match key.take() {
                None => *key = Some(built.node),
                Some(key) => entries.push(entry(&key, built.node)),
            },
        }
        Some(())
    }
}

fn entry(key: &Node, mut node: Node) -> Entry {
    let is_plain = |scalar: &Scalar| scalar.notation != Notation::Quoted;
    if matches!(&node.value, Value::Scalar(scalar) if scalar.text.is_empty() && is_plain(scalar)) {
        node.span = key.span; // what is left out has no place of its own
    }
    let scalar = match &key.value {
        Value::Scalar(scalar) if !key.tagged => Some(scalar),
        _ => None,
    };
    Entry {
        key: scalar.map(|scalar| scalar.text.clone()),
        key_span: key.span,
        merges: scalar.is_some_and(|scalar| is_plain(scalar) && scalar.text == "<<"),
        node,
    }
}

/// From saphyr's places, which count characters, to bytes.
struct Places {
    /// The byte at which each character begins; empty when all are one byte long.
    bytes: Vec<usize>,
    len: usize,
}

impl Places {
    fn of(text: &str) -> Self {
        let bytes = if text.is_ascii() { Vec::new() } else { text.char_indices().map(|(at, _)| at).collect() };
        Self { bytes, len: text.len() }
    }

    fn byte(&self, index: usize) -> usize {
        if self.bytes.is_empty() { index.min(self.len) } else { self.bytes.get(index).copied().unwrap_or(self.len) }
    }

    fn span(&self, span: saphyr_parser::Span) -> Span {
        Span { start: self.byte(span.start.index()), end: self.byte(span.end.index()) }
    }
}
