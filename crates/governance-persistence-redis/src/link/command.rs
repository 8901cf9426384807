//! What is sent to a server.

use crate::script::Script;
use bytes::Bytes;
use fred::types::Value;

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
    /// Bytes each, as the client takes them.
    pub(super) arguments: Vec<Value>,
    key: Option<usize>,
}

impl Command {
    /// A command whose first argument is a key.
    pub(crate) fn on<A: Into<Bytes>>(name: &'static str, arguments: impl IntoIterator<Item = A>) -> Self {
        Self {
            name,
            arguments: arguments.into_iter().map(|argument| Value::Bytes(argument.into())).collect(),
            key: Some(0),
        }
    }

    /// A command for any server.
    pub(crate) fn anywhere(name: &'static str, arguments: &[&'static str]) -> Self {
        let bytes = |argument: &&'static str| Value::Bytes(Bytes::from_static(argument.as_bytes()));
        Self { name, arguments: arguments.iter().map(bytes).collect(), key: None }
    }

    /// A script by its hash, for a server that has it.
    pub(super) fn by_hash(script: &Script, keys: &[Bytes], arguments: &[Bytes]) -> Self {
        Self::script("EVALSHA", &script.hash, keys, arguments)
    }

    /// A script by its text. The server keeps it then.
    pub(super) fn in_full(script: &Script, keys: &[Bytes], arguments: &[Bytes]) -> Self {
        Self::script("EVAL", &script.text, keys, arguments)
    }

    fn script(name: &'static str, script: &Bytes, keys: &[Bytes], arguments: &[Bytes]) -> Self {
        let count = Bytes::from(keys.len().to_string());
        let mut all = Vec::with_capacity(2 + keys.len() + arguments.len());
        all.extend([script, &count].into_iter().chain(keys).chain(arguments).cloned().map(Value::Bytes));
        Self { name, arguments: all, key: Some(2) }
    }

    /// The key that says where it goes.
    pub(crate) fn key(&self) -> Option<&Bytes> {
        match self.arguments.get(self.key?)? {
            Value::Bytes(key) => Some(key),
            _ => None,
        }
    }
}
