//! Panics when it is asked for the head of an experiment that has a version.

use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct Panics;

#[async_trait]
impl Bug for Panics {
    async fn head(&self, inner: &InMemoryBackplane, key: &ExperimentKey) -> Result<Head> {
        let head = inner.head(key, Consistency::Strong).await?;
        assert!(head.latest_version.is_none(), "planted");
        Ok(head)
    }
}
