//! A lost update: writes whatever the ETag is.

use super::edit::expecting;
use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct Overwrites;

#[async_trait]
impl Bug for Overwrites {
    async fn commit(&self, inner: &InMemoryBackplane, commit: &Commit) -> Result<Receipt> {
        match commit.expected() {
            Expected::Match(_) => inner.commit(&expecting(commit, Expected::Any)).await,
            _ => inner.commit(commit).await,
        }
    }
}
