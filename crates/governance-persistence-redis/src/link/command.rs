//! What is sent to a server.

use crate::script::Script;
use bytes::{Bytes, BytesMut};

/// What a command does, which says whether it may be sent again after its reply was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    Read,
    Write,
}

/// A command: its name, its arguments, and which of them is the key that says where it goes.
#[derive(Clone)]
pub(crate) struct Command {
    pub(super) name: &'static str,
    pub(super) arguments: Vec<Bytes>,
    key: Option<usize>,
}

impl Command {
    /// A command whose first argument is a key.
    pub(crate) fn on<A: Into<Bytes>>(name: &'static str, arguments: impl IntoIterator<Item = A>) -> Self {
        Self { name, arguments: arguments.into_iter().map(Into::into).collect(), key: Some(0) }
    }

    /// A command for any server.
    pub(crate) fn anywhere(name: &'static str, arguments: &[&'static str]) -> Self {
        let arguments = arguments.iter().map(|argument| Bytes::from_static(argument.as_bytes())).collect();
        Self { name, arguments, key: None }
    }

    /// A script by its hash, for a server that has it.
    pub(super) fn by_hash(script: &Script, keys: &[String], arguments: &[Bytes]) -> Self {
        Self::script("EVALSHA", &script.hash, keys, arguments)
    }

    /// A script by its text. The server keeps it then.
    pub(super) fn in_full(script: &Script, keys: &[String], arguments: &[Bytes]) -> Self {
        Self::script("EVAL", &script.text, keys, arguments)
    }

    fn script(name: &'static str, script: &str, keys: &[String], arguments: &[Bytes]) -> Self {
        let mut all = Vec::with_capacity(2 + keys.len() + arguments.len());
        let count = keys.len().to_string();
        let opening = || [script, &count].into_iter().chain(keys.iter().map(String::as_str));
        // One allocation for all of them.
        let mut text = BytesMut::with_capacity(opening().map(str::len).sum());
        for word in opening() {
            text.extend_from_slice(word.as_bytes());
            all.push(text.split().freeze());
        }
        all.extend_from_slice(arguments);
        Self { name, arguments: all, key: Some(2) }
    }

    /// The key that says where it goes.
    pub(crate) fn key(&self) -> Option<&Bytes> {
        self.key.and_then(|index| self.arguments.get(index))
    }
}
