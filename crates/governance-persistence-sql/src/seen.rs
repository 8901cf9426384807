//! A commit that is there already.

use crate::codec;
use governance_persistence::{Commit, Error, ExperimentKey, Fingerprint, Receipt, Result, Sequence, Timestamp};

/// What the log has of a commit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) sequence: Sequence,
    pub(crate) fingerprint: Fingerprint,
    recorded_at: Timestamp,
}

impl Seen {
    /// From its columns.
    pub(crate) fn decode(key: &ExperimentKey, sequence: i64, fingerprint: &str, recorded_at: i64) -> Result<Self> {
        let sequence = codec::sequence(key, sequence)?;
        let decode = || -> Result<Self> {
            let recorded_at = Timestamp::from_unix_micros(recorded_at)?;
            Ok(Self { sequence, fingerprint: codec::exact(fingerprint)?, recorded_at })
        };
        decode().map_err(|error| codec::corrupt(key, sequence, "the commit", &error))
    }

    /// The answer to who sends this commit, whose id it has.
    pub(crate) fn answer(&self, commit: &Commit) -> Result<Receipt> {
        if self.fingerprint == commit.fingerprint() {
            return Ok(Receipt::replayed(commit, self.sequence, self.recorded_at));
        }
        let (key, commit_id) = (commit.key().clone(), commit.id());
        Err(Error::CommitIdReused { key, commit_id, sequence: self.sequence })
    }
}
