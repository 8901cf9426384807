//! A leak between tenants: an environment without a tenant, and the tenant of that name, are one key.

use super::edit::moved;
use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct KeysRunIntoEachOther;

fn one_for_both(key: &ExperimentKey) -> ExperimentKey {
    match (key.tenant(), key.environment()) {
        (None, Some(scope)) => ExperimentKey::from_parts(Some(scope), None, key.name()).unwrap(),
        _ => key.clone(),
    }
}

#[async_trait]
impl Bug for KeysRunIntoEachOther {
    async fn commit(&self, inner: &InMemoryBackplane, commit: &Commit) -> Result<Receipt> {
        inner.commit(&moved(commit, &one_for_both(commit.key()))).await
    }

    async fn head(&self, inner: &InMemoryBackplane, key: &ExperimentKey) -> Result<Head> {
        let mut head = inner.head(&one_for_both(key), Consistency::Strong).await?;
        head.key = key.clone();
        Ok(head)
    }
}
