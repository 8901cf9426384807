//! Takes everything under a known commit id for a replay.

use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct ComparesNoFingerprint;

#[async_trait]
impl Bug for ComparesNoFingerprint {
    async fn commit(&self, inner: &InMemoryBackplane, commit: &Commit) -> Result<Receipt> {
        match inner.commit(commit).await {
            Err(Error::CommitIdReused { sequence, .. }) => {
                let known = inner.entry(commit.key(), commit.id(), Consistency::Strong).await?.unwrap();
                Ok(Receipt::replayed(commit, sequence, known.recorded_at))
            }
            answer => answer,
        }
    }
}
