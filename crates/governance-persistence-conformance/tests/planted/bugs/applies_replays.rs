//! A doubled append: what is sent again is applied again.

use super::edit::copied;
use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct AppliesReplays;

#[async_trait]
impl Bug for AppliesReplays {
    async fn commit(&self, inner: &InMemoryBackplane, commit: &Commit) -> Result<Receipt> {
        let receipt = inner.commit(commit).await?;
        if receipt.replayed
            && let Ok(copy) = copied(commit)
        {
            inner.commit(&copy).await?;
        }
        Ok(receipt)
    }
}
