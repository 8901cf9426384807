//! A strong read of what this handle saw last: the commits of others come late.

use crate::bug::*;
use std::collections::HashMap;
use std::sync::Mutex;

#[derive(Debug, Default)]
pub(crate) struct ReadsWhatItSaw {
    /// What each handle, told by its address, saw.
    seen: Mutex<HashMap<(usize, ExperimentKey), Head>>,
}

fn of(inner: &InMemoryBackplane, key: &ExperimentKey) -> (usize, ExperimentKey) {
    (std::ptr::from_ref(inner).addr(), key.clone())
}

#[async_trait]
impl Bug for ReadsWhatItSaw {
    async fn commit(&self, inner: &InMemoryBackplane, commit: &Commit) -> Result<Receipt> {
        let answer = inner.commit(commit).await;
        self.seen.lock().unwrap().remove(&of(inner, commit.key()));
        answer
    }

    async fn head(&self, inner: &InMemoryBackplane, key: &ExperimentKey) -> Result<Head> {
        let now = inner.head(key, Consistency::Strong).await?;
        Ok(self.seen.lock().unwrap().entry(of(inner, key)).or_insert(now).clone())
    }
}
