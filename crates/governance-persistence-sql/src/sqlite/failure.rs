//! A transaction that failed as a whole, and what that means to each caller.

use super::identity::Replaced;
use crate::error::of_sqlite;
use governance_persistence::{Error, Outcome};
use std::sync::Arc;

/// How far a transaction came that failed as a whole.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Begin,
    Work,
    Commit,
}

/// Why a transaction failed as a whole.
pub(super) struct Failure {
    pub(super) stage: Stage,
    pub(super) cause: Cause,
}

pub(super) enum Cause {
    /// The engine said so.
    Engine(Arc<rusqlite::Error>),
    /// One of its pieces knows.
    Piece,
    /// One of its pieces failed in the first pass, or was refused after it had written.
    NotFinal,
    /// The file is not the one that was opened.
    Replaced(Replaced),
}

impl Cause {
    pub(super) fn engine(error: rusqlite::Error) -> Self {
        Self::Engine(Arc::new(error))
    }
}

impl Failure {
    pub(super) fn at(stage: Stage) -> impl FnOnce(rusqlite::Error) -> Self {
        move |error| Self { stage, cause: Cause::engine(error) }
    }

    /// When the commit itself fails, the log may have reached the disk, unless SQLite says that
    /// it did not even try.
    pub(super) fn may_be_applied(&self) -> bool {
        use rusqlite::ErrorCode::{ConstraintViolation, DatabaseBusy, DiskFull};
        let Cause::Engine(cause) = &self.cause else {
            return false;
        };
        let code = cause.sqlite_error_code();
        self.stage == Stage::Commit && !matches!(code, Some(DatabaseBusy | DiskFull | ConstraintViolation))
    }

    /// The error to tell, given whether an earlier attempt may have been applied.
    pub(super) fn error(&self, in_doubt: bool) -> Error {
        let doing = match self.stage {
            Stage::Begin => "waiting to write",
            Stage::Work => "writing",
            Stage::Commit => "committing",
        };
        let error = match &self.cause {
            Cause::Engine(cause) => {
                let code = cause.sqlite_error().map_or(0, |error| error.extended_code);
                of_sqlite(code, doing, Box::new(cause.clone()))
            }
            Cause::Piece => Error::not_applied("the transaction was rolled back by the engine", None),
            Cause::NotFinal => Error::not_applied("the transaction was rolled back", None),
            Cause::Replaced(replaced) => (*replaced).into(),
        };
        match error {
            Error::Unavailable { reason, source, .. } if in_doubt || self.may_be_applied() => {
                Error::Unavailable { outcome: Outcome::Unknown, reason, source }
            }
            error => error,
        }
    }
}
