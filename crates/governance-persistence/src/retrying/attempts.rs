//! One call, made until it is answered or its deadline has passed.

use crate::{Error, Outcome, Result};
use backon::{BackoffBuilder, ExponentialBuilder};
use std::time::Duration;
use tokio::time::Instant;

/// When to try again, and until when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy {
    pub(super) deadline: Duration,
    pub(super) shortest: Duration,
    pub(super) longest: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self { deadline: Duration::from_secs(10), shortest: Duration::from_millis(20), longest: Duration::from_secs(1) }
    }
}

impl Policy {
    /// Ever longer pauses, without end.
    fn pauses(self) -> impl Iterator<Item = Duration> {
        let pauses = ExponentialBuilder::new().with_min_delay(self.shortest).with_max_delay(self.longest);
        pauses.with_jitter().without_max_times().build()
    }
}

/// Makes the call until it is answered, or has failed for good. Once it is unknown whether an
/// attempt was applied, what speaks of a later attempt only leaves the result unknown.
pub(super) async fn until_answered<T, F>(policy: Policy, call: impl Fn() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    // A deadline beyond the clock is none.
    let deadline = Instant::now().checked_add(policy.deadline);
    let mut pauses = policy.pauses();
    let mut in_doubt = false;
    loop {
        let error = match call().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let left = deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(Instant::now()));
        if !error.is_retryable() || left.is_zero() {
            return Err(if in_doubt { after_doubt(error) } else { error });
        }
        in_doubt |= error.outcome() == Outcome::Unknown;
        // The last attempt comes right at the deadline.
        tokio::time::sleep(pauses.next().unwrap_or(left).min(left)).await;
    }
}

/// What the last error of a call means when an earlier attempt may have been applied.
fn after_doubt(error: Error) -> Error {
    const BEFORE: &str = "an earlier attempt may have been applied";
    match error {
        Error::Unavailable { outcome: Outcome::NotApplied, reason, source } => {
            Error::unknown(format!("{reason}; {BEFORE}"), source)
        }
        // Another server may have answered this time.
        Error::Unsupported { .. } => Error::unknown(format!("{error}; {BEFORE}"), Some(Box::new(error))),
        // Conflict, CommitIdReused, RecordIdReused: a replay would have come first. Invalid: the
        // same request was as invalid before. Corrupt, Backend, and Unknown say so themselves.
        error => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    const ONCE_AGAIN: Policy =
        Policy { deadline: Duration::from_secs(1), shortest: Duration::ZERO, longest: Duration::ZERO };

    /// Answers the first attempt with an unknown outcome, the second one with this error.
    async fn after_unknown(then: fn() -> Error) -> Error {
        let attempts = Cell::new(0);
        let answer: Result<()> = until_answered(ONCE_AGAIN, || {
            attempts.set(attempts.get() + 1);
            std::future::ready(Err(if attempts.get() == 1 { Error::unknown("lost", None) } else { then() }))
        })
        .await;
        assert_eq!(attempts.get(), 2, "what is final is not sent again");
        answer.expect_err("it is an error")
    }

    #[tokio::test]
    async fn unsupported_after_unknown_is_unknown() {
        let error = after_unknown(|| Error::Unsupported { what: "this".into(), why: "old".into() }).await;
        assert_eq!(error.outcome(), Outcome::Unknown);
        assert!(error.to_string().contains("this is not supported: old"), "{error}");
    }

    #[tokio::test]
    async fn invalid_after_unknown_is_invalid() {
        let error = after_unknown(|| Error::invalid("value", "is large", "less")).await;
        assert!(matches!(error, Error::Invalid(_)), "{error}");
    }

    #[tokio::test]
    async fn a_failure_of_the_engine_is_handed_on_at_once() {
        let error = after_unknown(|| Error::Backend { reason: "broken".into(), source: None }).await;
        assert!(matches!(error, Error::Backend { .. }), "{error}");
    }
}
