//! How long a writer waits for what.

use super::session::Patience;
use crate::SqlOptions;
use std::time::Duration;

/// The limits of a connection that writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    statement: Duration,
    acquire: Duration,
}

/// How often a writer waits for a lock before a statement has taken its time.
const LOCK_WAITS: u32 = 10;

impl Limits {
    /// How much longer than the server we wait for it to end a statement, or for a good-bye to be sent.
    pub(crate) const GRACE: Duration = Duration::from_secs(2);

    pub(crate) fn of(options: &SqlOptions) -> Self {
        Self { statement: options.get_statement_timeout(), acquire: options.get_acquire_timeout() }
    }

    /// For an answer, all in all.
    pub(crate) fn answer(&self) -> Duration {
        self.statement + Self::GRACE
    }

    /// For a sign of life. A connection that gives none must leave time for another.
    pub(crate) fn ping(&self) -> Duration {
        self.acquire / 4
    }

    /// For a lock that somebody else holds: in whole seconds, as not every engine can count in less.
    pub(crate) fn locks(&self, patience: Patience) -> Duration {
        let seconds = match patience {
            Patience::Usual => (self.statement / LOCK_WAITS).as_secs().max(1),
            Patience::Short => 1,
        };
        Duration::from_secs(seconds)
    }
}
