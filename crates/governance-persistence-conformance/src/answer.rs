//! The answers that a backplane may give, each demanded by name.

use governance_persistence::{Conflict, ConflictCause, Error, Expected, Outcome, Receipt, Result, VersionNumber};
use std::fmt::Debug;

/// The receipt of a commit that was applied just now.
pub(crate) fn applied(answer: Result<Receipt>) -> Receipt {
    let receipt = answer.unwrap_or_else(|error| panic!("the commit is to be applied, but: {error}"));
    assert!(!receipt.replayed, "the commit is to be applied now, but it was applied before: {receipt:?}");
    receipt
}

/// The receipt of a commit that had been applied before.
pub(crate) fn replayed(answer: Result<Receipt>) -> Receipt {
    let receipt = answer.unwrap_or_else(|error| panic!("the commit is to be replayed, but: {error}"));
    assert!(receipt.replayed, "the commit was applied before, but the receipt does not say so: {receipt:?}");
    receipt
}

/// The conflict about this expectation.
pub(crate) fn unmet<T: Debug>(answer: Result<T>, expected: Expected) -> Conflict {
    let conflict = conflict(answer);
    assert_eq!(conflict.cause, ConflictCause::Expected(expected), "the conflict names what was expected");
    conflict
}

/// The conflict about a version that does not follow the latest one.
pub(crate) fn wrong_version<T: Debug>(answer: Result<T>, wanted: VersionNumber, latest: VersionNumber) -> Conflict {
    let conflict = conflict(answer);
    assert_eq!(conflict.cause, ConflictCause::Version { wanted, latest }, "the conflict names the versions");
    conflict
}

/// The conflict.
pub(crate) fn conflict<T: Debug>(answer: Result<T>) -> Conflict {
    let error = error(answer);
    assert_eq!(error.outcome(), Outcome::NotApplied, "a conflict tells that nothing was applied");
    assert!(error.is_conflict() && !error.is_retryable(), "the answer is to be a conflict, but it was: {error}");
    match error {
        Error::Conflict(conflict) => *conflict,
        other => panic!("the answer is to be a conflict, but it was: {other}"),
    }
}

/// The error.
pub(crate) fn error<T: Debug>(answer: Result<T>) -> Error {
    answer.expect_err("the request is to be refused, but it was answered")
}

/// Refused as invalid.
pub(crate) fn invalid<T: Debug>(answer: Result<T>) {
    let error = error(answer);
    assert!(matches!(error, Error::Invalid(_)), "the request is invalid, but the answer was: {error}");
}

/// Refused by a handle that was closed.
pub(crate) fn closed<T: Debug>(what: &str, answer: Result<T>) {
    let error = answer.map_or_else(|error| error, |answer| panic!("{what} on a closed handle answered {answer:?}"));
    let unavailable = matches!(error, Error::Unavailable { outcome: Outcome::NotApplied, .. });
    assert!(unavailable, "{what} on a closed handle is unavailable and not applied, but the answer was: {error}");
}
