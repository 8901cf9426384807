//! Which values may be secrets, by the keys that they stand below. None of those is ever shown.

use super::{Entry, Node, Value};
use crate::diagnostics::{Faults, Span, announces, is_variable};
use crate::names;

/// What the keys around a value say about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Secrecy {
    Plain,
    /// It says where to connect, and may hold a password in a spelling that nobody foresaw.
    Connection,
    /// It is a password, or the like.
    Secret,
}

impl Secrecy {
    /// What holds below this key.
    fn below(self, key: &str) -> Self {
        let of_key = if announces(key) {
            Self::Secret
        } else if names::closest(key, ["connectionString", "readReplicas"]).is_some() {
            Self::Connection // however it is misspelled
        } else {
            Self::Plain
        };
        self.max(of_key)
    }

    /// Must this text not be shown?
    fn hides(self, text: &str) -> bool {
        match self {
            _ if text.is_empty() || is_variable(text) => false,
            Self::Plain => false,
            Self::Connection => !text.starts_with("sqlite:") || text.contains('@'),
            Self::Secret => true,
        }
    }
}

/// Must this text not be shown, which stands at this path?
pub(crate) fn is_hidden(path: &str, text: &str) -> bool {
    path.split(['.', '[']).fold(Secrecy::Plain, Secrecy::below).hides(text)
}

/// Hides every value of the file that may be a secret.
pub(super) fn hide(root: &Node, faults: &mut Faults) {
    hide_in(root, Secrecy::Plain, faults);
}

/// Hides what may be a secret in a text of which there is no tree: what stands behind the key of a connection on its
/// line, and every word with an at sign. What stands behind a word such as `password` is masked anyhow.
pub(super) fn hide_unparsed(text: &str, faults: &mut Faults) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let lower = line.to_ascii_lowercase();
        let end = start + line.trim_end().len();
        for key in ["connectionstring", "readreplica"] {
            if let Some(behind) = lower.find(key).and_then(|at| Some(at + lower[at..].find(':')? + 1)) {
                faults.hide(Span { start: start + behind, end });
            }
        }
        for word in line.split_inclusive(char::is_whitespace) {
            if word.contains('@') {
                faults.hide(Span { start, end: start + word.trim_end().len() });
            }
            start += word.len();
        }
    }
}

fn hide_in(node: &Node, secrecy: Secrecy, faults: &mut Faults) {
    match &node.value {
        Value::Scalar(scalar) => {
            if secrecy.hides(&scalar.text) {
                faults.hide(node.span);
            }
        }
        Value::List(items) => items.iter().for_each(|item| hide_in(item, secrecy, faults)),
        Value::Map(entries) => {
            for Entry { key, key_span, node, .. } in entries.iter() {
                let key = key.as_deref().unwrap_or_default();
                if secrecy == Secrecy::Connection {
                    faults.hide(*key_span); // a text in the wrong brackets is a key
                }
                hide_in(node, secrecy.below(key), faults);
            }
        }
    }
}
