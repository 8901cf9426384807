//! An entry of a log elsewhere.

use super::Request;
use super::answer::Answer;
use super::commit::unexpected;
use crate::script::REPLICATE;
use crate::store::Store;
use governance_persistence::{LogEntry, Replicated, Result};

impl Store {
    pub(crate) async fn replicate(&self, entry: &LogEntry) -> Result<Replicated> {
        match self.apply(&REPLICATE, &Request::of_entry(entry)?).await? {
            Answer::Applied { .. } => Ok(Replicated::Applied),
            Answer::AlreadyApplied => Ok(Replicated::AlreadyApplied),
            Answer::Gap { head } => Ok(Replicated::Gap { head }),
            Answer::Diverged => Ok(Replicated::Diverged { sequence: entry.sequence }),
            _ => Err(unexpected("what is no answer to an entry")),
        }
    }
}
