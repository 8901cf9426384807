//! A conflict that does not show what is there now.

use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct TellsNothingOfTheWinner;

#[async_trait]
impl Bug for TellsNothingOfTheWinner {
    async fn commit(&self, inner: &InMemoryBackplane, commit: &Commit) -> Result<Receipt> {
        match inner.commit(commit).await {
            Err(Error::Conflict(mut conflict)) => {
                conflict.head = Head::empty(commit.key().clone());
                Err(Error::Conflict(conflict))
            }
            answer => answer,
        }
    }
}
