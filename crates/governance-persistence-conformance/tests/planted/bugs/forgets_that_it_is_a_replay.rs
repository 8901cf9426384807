//! Calls a replay an application.

use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct ForgetsThatItIsAReplay;

#[async_trait]
impl Bug for ForgetsThatItIsAReplay {
    async fn commit(&self, inner: &InMemoryBackplane, commit: &Commit) -> Result<Receipt> {
        let receipt = inner.commit(commit).await?;
        Ok(Receipt::applied(commit, receipt.sequence, receipt.recorded_at))
    }
}
