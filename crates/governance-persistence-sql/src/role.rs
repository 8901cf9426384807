//! Which server a connection has to lead to. What the primary is asked must not be answered by a server
//! that follows one: it would be late, and what is written there would be nowhere else.

use std::io::{self, ErrorKind};

/// What a server has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The one that is written to.
    Primary,
    /// That, or one that follows it.
    Any,
}

/// Why a connection is of no use that should lead to the primary.
pub(crate) const ONLY_READS: &str = "the server only reads: it is a replica, or was told so, and no primary";

/// The error of a connection that should lead to the primary, and leads to a server that only reads.
pub(crate) fn only_reads() -> sqlx::Error {
    // No socket fails so.
    sqlx::Error::Io(io::Error::new(ErrorKind::ReadOnlyFilesystem, ONLY_READS))
}

/// Is it that?
pub(crate) fn is_only_reads(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(error) if error.kind() == ErrorKind::ReadOnlyFilesystem)
}
