//! Takes every sequence for the one that is expected.

use super::edit::expecting;
use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct IgnoresAt;

#[async_trait]
impl Bug for IgnoresAt {
    async fn commit(&self, inner: &InMemoryBackplane, commit: &Commit) -> Result<Receipt> {
        match commit.expected() {
            Expected::At(_) => inner.commit(&expecting(commit, Expected::Any)).await,
            _ => inner.commit(commit).await,
        }
    }
}
