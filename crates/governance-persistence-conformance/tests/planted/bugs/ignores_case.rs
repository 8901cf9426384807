//! A leak between experiments: names that differ in case only are one key, as in many a collation.

use super::edit::moved;
use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct IgnoresCase;

fn folded(key: &ExperimentKey) -> ExperimentKey {
    ExperimentKey::from_parts(key.tenant(), key.environment(), &key.name().to_lowercase()).unwrap()
}

#[async_trait]
impl Bug for IgnoresCase {
    async fn commit(&self, inner: &InMemoryBackplane, commit: &Commit) -> Result<Receipt> {
        inner.commit(&moved(commit, &folded(commit.key()))).await
    }

    async fn head(&self, inner: &InMemoryBackplane, key: &ExperimentKey) -> Result<Head> {
        let mut head = inner.head(&folded(key), Consistency::Strong).await?;
        head.key = key.clone();
        Ok(head)
    }
}
