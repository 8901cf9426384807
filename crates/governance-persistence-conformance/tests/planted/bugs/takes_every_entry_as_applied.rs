//! Replication takes an entry of another history for one that is there.

use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct TakesEveryEntryAsApplied;

#[async_trait]
impl Bug for TakesEveryEntryAsApplied {
    async fn replicate(&self, inner: &InMemoryBackplane, entry: &LogEntry) -> Result<Replicated> {
        match inner.replicate(entry).await? {
            Replicated::Diverged { .. } => Ok(Replicated::AlreadyApplied),
            replicated => Ok(replicated),
        }
    }
}
