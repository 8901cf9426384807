//! What an error of a server means to those who sent the statement.

use crate::group::Failure;
use crate::role::{ONLY_READS, is_only_reads};
use governance_persistence::Error;
use std::io::ErrorKind;

/// What a failed statement means, whoever sent it.
#[derive(Debug)]
pub(crate) enum Class {
    /// A unique key is taken.
    Duplicate(Error),
    /// Others were in the way: a deadlock, say. The same again may go through.
    Again(Error),
    /// Somebody else held a lock for longer than it is waited for. Nothing was done, and the same again may go through.
    Held(Error),
    /// It took too long. Nothing was done.
    Slow(Error),
    /// Nothing was done.
    Refused(Error),
    /// Nothing was done, and another connection may do better.
    Broken(Error),
    /// Nothing was done: the server only reads, as no primary does.
    Demoted(Error),
    /// Nobody knows what was done.
    Lost(Error),
}

impl Class {
    /// The error.
    pub(crate) fn error(self) -> Error {
        match self {
            Self::Duplicate(error)
            | Self::Again(error)
            | Self::Held(error)
            | Self::Slow(error)
            | Self::Refused(error)
            | Self::Broken(error)
            | Self::Demoted(error)
            | Self::Lost(error) => error,
        }
    }

    /// The error of a statement that can have done nothing, because there was nothing for it to do.
    pub(crate) fn not_applied(self) -> Error {
        match self {
            Self::Lost(Error::Unavailable { reason, source, .. }) => Error::not_applied(reason, source),
            other => other.error(),
        }
    }

    /// Of an error that is not the server's answer.
    pub(crate) fn of_connection(doing: &str, error: sqlx::Error) -> Self {
        match error {
            error if is_only_reads(&error) => {
                Self::Demoted(Error::not_applied(format!("{doing}: {ONLY_READS}"), Some(Box::new(error))))
            }
            sqlx::Error::Io(io) if matches!(io.kind(), ErrorKind::ConnectionRefused | ErrorKind::NotFound) => {
                Self::Broken(Error::not_applied(format!("{doing}: {io}"), Some(Box::new(io))))
            }
            sqlx::Error::PoolTimedOut => {
                let reason = format!("{doing}: no free connection within acquireTimeout");
                Self::Refused(Error::not_applied(reason, Some(Box::new(error))))
            }
            sqlx::Error::PoolClosed => {
                Self::Refused(Error::not_applied("the backplane was closed", Some(Box::new(error))))
            }
            sqlx::Error::Tls(source) => {
                Self::Broken(Error::not_applied(format!("{doing}: TLS: {source}"), Some(source)))
            }
            sqlx::Error::Configuration(source) => {
                let problem = format!("cannot be used: {source}");
                Self::Refused(Error::invalid("connectionString", problem, "settings that the server takes"))
            }
            sqlx::Error::Encode(source) => {
                let reason = format!("{doing}: {source}");
                Self::Refused(Error::Backend { reason: reason.into(), source: Some(source) })
            }
            // The socket, the protocol: whatever it was, the reply is lost.
            other => Self::Lost(Error::unknown(format!("{doing}: {other}"), Some(Box::new(other)))),
        }
    }
}

/// The class as it matters to a session that writes.
pub(crate) fn session_failure(class: Class) -> Failure {
    match class {
        Class::Duplicate(_) => Failure::Duplicate,
        Class::Again(error) => Failure::Again(error),
        Class::Held(error) => Failure::Held(error),
        Class::Slow(error) => Failure::Slow(error),
        Class::Refused(error) => Failure::Refused(error),
        Class::Broken(error) => Failure::Broken(error),
        Class::Demoted(error) => Failure::Demoted(error),
        Class::Lost(error) => Failure::Lost(error),
    }
}
