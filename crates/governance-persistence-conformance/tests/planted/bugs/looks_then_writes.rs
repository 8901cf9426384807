//! A lost update: looks whether the expectation is met, and writes some time later.

use super::edit::expecting;
use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct LooksThenWrites;

#[async_trait]
impl Bug for LooksThenWrites {
    async fn commit(&self, inner: &InMemoryBackplane, commit: &Commit) -> Result<Receipt> {
        let known = inner.entry(commit.key(), commit.id(), Consistency::Strong).await?;
        if known.is_none() {
            commit.check_against(&inner.head(commit.key(), Consistency::Strong).await?)?;
        }
        for _ in 0..16 {
            tokio::task::yield_now().await;
        }
        inner.commit(&expecting(commit, Expected::Any)).await
    }
}
