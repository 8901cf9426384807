//! A future that is dropped takes its turn with it: nobody writes any more.

use crate::bug::*;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Debug, Default)]
pub(crate) struct KeepsItsTurn {
    taken: AtomicBool,
}

#[async_trait]
impl Bug for KeepsItsTurn {
    async fn commit(&self, inner: &InMemoryBackplane, commit: &Commit) -> Result<Receipt> {
        let mut patience = 10_000;
        while self.taken.swap(true, Ordering::AcqRel) {
            if patience == 0 {
                return Err(Error::not_applied("the writer is busy", None));
            }
            patience -= 1;
            tokio::task::yield_now().await;
        }
        tokio::task::yield_now().await;
        let answer = inner.commit(commit).await;
        self.taken.store(false, Ordering::Release);
        answer
    }
}
