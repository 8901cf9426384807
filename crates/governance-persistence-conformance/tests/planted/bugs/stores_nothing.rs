//! Says that a commit was applied, and has stored nothing: here every third of an experiment that brings no state.

use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct StoresNothing;

#[async_trait]
impl Bug for StoresNothing {
    async fn commit(&self, inner: &InMemoryBackplane, commit: &Commit) -> Result<Receipt> {
        let head = inner.head(commit.key(), Consistency::Strong).await?;
        let lost = commit.state().is_none() && head.sequence.get() % 3 == 2;
        match commit.check_against(&head) {
            Ok(()) if lost => Ok(Receipt::applied(commit, head.sequence.next(), Timestamp::now())),
            _ => inner.commit(commit).await,
        }
    }
}
