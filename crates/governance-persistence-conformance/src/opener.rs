//! How the suite gets at the backplane that it judges.

use async_trait::async_trait;
use governance_persistence::Backplane;
use std::sync::Arc;

/// Opens the same place again and again.
///
/// Each open gives an independent handle on the same data: closing one must not close another.
/// A closure that returns a future of a backplane is an opener.
#[async_trait]
pub trait Opener: Send + Sync {
    /// Opens the place once more. Panics when it cannot be opened: then there is nothing to judge.
    async fn open(&self) -> Arc<dyn Backplane>;

    /// What the place lacks on this machine, a server say, so that there is nothing to open: then the
    /// tests say so and are skipped. Where a skipped test would hide something, in CI for instance,
    /// panic instead when the opener is made.
    fn missing(&self) -> Option<String> {
        None
    }
}

#[async_trait]
impl<F, O, B> Opener for F
where
    F: Fn() -> O + Send + Sync,
    O: Future<Output = B> + Send,
    B: Backplane + 'static,
{
    async fn open(&self) -> Arc<dyn Backplane> {
        Arc::new(self().await)
    }
}
