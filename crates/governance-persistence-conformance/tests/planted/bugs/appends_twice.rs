//! A doubled append: what is appended is there twice.

use super::edit::copied;
use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct AppendsTwice;

#[async_trait]
impl Bug for AppendsTwice {
    async fn commit(&self, inner: &InMemoryBackplane, commit: &Commit) -> Result<Receipt> {
        let receipt = inner.commit(commit).await?;
        if commit.state().is_none()
            && !receipt.replayed
            && let Ok(copy) = copied(commit)
        {
            inner.commit(&copy).await?;
        }
        Ok(receipt)
    }
}
