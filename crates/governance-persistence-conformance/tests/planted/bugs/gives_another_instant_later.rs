//! Tells of a replay that it was recorded now.

use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct GivesAnotherInstantLater;

#[async_trait]
impl Bug for GivesAnotherInstantLater {
    async fn commit(&self, inner: &InMemoryBackplane, commit: &Commit) -> Result<Receipt> {
        match inner.commit(commit).await? {
            receipt if receipt.replayed => Ok(Receipt::replayed(commit, receipt.sequence, Timestamp::now())),
            receipt => Ok(receipt),
        }
    }
}
