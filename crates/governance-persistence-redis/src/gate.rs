//! Whether the backplane is open: calls pass one by one, closing waits for those that did.

use governance_persistence::{Error, Result};
use tokio::sync::{RwLock, RwLockReadGuard};

#[derive(Debug, Default)]
pub(crate) struct Gate {
    closed: RwLock<bool>,
}

impl Gate {
    /// Lets a call pass, until what is returned is dropped.
    pub(crate) async fn enter(&self) -> Result<RwLockReadGuard<'_, bool>> {
        let closed = self.closed.read().await;
        if *closed { Err(Error::not_applied("the backplane was closed", None)) } else { Ok(closed) }
    }

    /// Waits until all who passed are done, and lets nobody pass any more. Says whether it was open.
    pub(crate) async fn close(&self) -> bool {
        !std::mem::replace(&mut *self.closed.write().await, true)
    }
}
