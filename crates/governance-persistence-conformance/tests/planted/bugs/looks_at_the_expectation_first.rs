//! A wrong order of answers: what is expected comes before the replay.

use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct LooksAtTheExpectationFirst;

#[async_trait]
impl Bug for LooksAtTheExpectationFirst {
    async fn commit(&self, inner: &InMemoryBackplane, commit: &Commit) -> Result<Receipt> {
        let head = inner.head(commit.key(), Consistency::Strong).await?;
        match commit.check_against(&head) {
            Err(Error::Conflict(conflict)) if matches!(conflict.cause, ConflictCause::Expected(_)) => {
                Err(Error::Conflict(conflict))
            }
            _ => inner.commit(commit).await,
        }
    }
}
