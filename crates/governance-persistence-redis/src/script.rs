//! The Lua scripts, each one atomic operation.

use crate::link;
use bytes::Bytes;
use std::sync::LazyLock;

/// A script, and the hash by which a server that has it knows it.
pub(crate) struct Script {
    pub(crate) text: Bytes,
    pub(crate) hash: Bytes,
}

impl Script {
    fn of(parts: &[&str]) -> Self {
        let text = parts.concat();
        Self { hash: link::sha1(&text).into(), text: text.into() }
    }
}

const EPHEMERAL: &str = include_str!("scripts/ephemeral.lua");
const EXPERIMENT: &str = include_str!("scripts/experiment.lua");
const REQUEST: &str = include_str!("scripts/request.lua");
const RIGHT: &str = include_str!("scripts/right.lua");
const WRITE: &str = include_str!("scripts/write.lua");

/// Reads where an experiment stands.
pub(crate) static HEAD: LazyLock<Script> =
    LazyLock::new(|| Script::of(&[EXPERIMENT, include_str!("scripts/head.lua")]));
/// Finds members of a sorted set.
pub(crate) static MEMBERS: LazyLock<Script> = LazyLock::new(|| Script::of(&[include_str!("scripts/members.lua")]));
/// Decides on a commit, and applies it.
pub(crate) static COMMIT: LazyLock<Script> =
    LazyLock::new(|| Script::of(&[EXPERIMENT, REQUEST, RIGHT, include_str!("scripts/commit.lua"), WRITE]));
/// Decides on an entry of a log elsewhere, and applies it.
pub(crate) static REPLICATE: LazyLock<Script> =
    LazyLock::new(|| Script::of(&[EXPERIMENT, REQUEST, RIGHT, include_str!("scripts/replicate.lua"), WRITE]));
/// Puts an ephemeral.
pub(crate) static EPHEMERAL_PUT: LazyLock<Script> =
    LazyLock::new(|| Script::of(&[EPHEMERAL, RIGHT, include_str!("scripts/ephemeral_put.lua")]));
/// Removes an ephemeral.
pub(crate) static EPHEMERAL_REMOVE: LazyLock<Script> =
    LazyLock::new(|| Script::of(&[EPHEMERAL, RIGHT, include_str!("scripts/ephemeral_remove.lua")]));
