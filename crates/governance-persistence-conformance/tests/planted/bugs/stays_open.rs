//! A handle that answers after it was closed.

use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct StaysOpen;

#[async_trait]
impl Bug for StaysOpen {
    async fn close(&self, _: &InMemoryBackplane) -> Result<()> {
        Ok(())
    }
}
