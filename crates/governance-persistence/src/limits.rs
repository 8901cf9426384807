//! The limits of the contract, all checked here so that no engine has to refuse what another takes.

/// Most characters (Unicode scalar values) of an experiment's name.
pub const MAX_NAME_CHARS: usize = 200;
/// Most characters of a tenant or an environment.
pub const MAX_SCOPE_CHARS: usize = 100;
/// Most characters of an actor, a gate, a policy, or another name inside a record.
pub const MAX_LABEL_CHARS: usize = 200;
/// Most characters of a reason or a description.
pub const MAX_PROSE_CHARS: usize = 4_000;
/// Deepest nesting of a JSON value; a scalar has depth 0, `[]` and `{}` have depth 1.
pub const MAX_JSON_DEPTH: usize = 30;
/// Most bytes of a commit's canonical JSON, and of one ephemeral value.
pub const MAX_COMMIT_BYTES: usize = 1 << 20;
/// Most records in one commit.
pub const MAX_RECORDS: usize = 1_000;
/// Largest sequence and version number: 2^53 - 1, exact in every JSON reader.
pub const MAX_COUNT: u64 = (1 << 53) - 1;
/// Most items on one page.
pub const MAX_PAGE: usize = 1_000;
/// Items on a page when nobody says otherwise.
pub const DEFAULT_PAGE: usize = 100;
