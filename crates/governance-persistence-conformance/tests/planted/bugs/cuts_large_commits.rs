//! Says that a commit was applied, and has stored a part of it: here its first five hundred records.

use super::edit::with_records;
use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct CutsLargeCommits;

#[async_trait]
impl Bug for CutsLargeCommits {
    async fn commit(&self, inner: &InMemoryBackplane, commit: &Commit) -> Result<Receipt> {
        match commit.records().get(..500) {
            Some(first) => inner.commit(&with_records(commit, first.to_vec())?).await,
            None => inner.commit(commit).await,
        }
    }
}
