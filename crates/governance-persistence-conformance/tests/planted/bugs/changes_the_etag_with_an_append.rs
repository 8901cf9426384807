//! An ETag that names the last commit, whether it set the state or not.

use crate::bug::*;
use std::sync::Arc;

#[derive(Debug, Default)]
pub(crate) struct ChangesTheEtagWithAnAppend;

#[async_trait]
impl Bug for ChangesTheEtagWithAnAppend {
    async fn head(&self, inner: &InMemoryBackplane, key: &ExperimentKey) -> Result<Head> {
        let mut head = inner.head(key, Consistency::Strong).await?;
        let log = inner.log(key, Sequence::ZERO, PageSize::MAX, Consistency::Strong).await?;
        if let (Some(state), Some(last)) = (&mut head.state, log.last()) {
            Arc::make_mut(state).etag = last.commit_id.into();
        }
        Ok(head)
    }
}
