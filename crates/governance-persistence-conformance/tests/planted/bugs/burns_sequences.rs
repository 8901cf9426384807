//! A gap: a commit that is refused uses a sequence up, as it does a number of an SQL sequence.

use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct BurnsSequences;

/// Who acts in the commits that fill the gaps, and are not shown.
const NOBODY: &str = "nobody";

#[async_trait]
impl Bug for BurnsSequences {
    async fn commit(&self, inner: &InMemoryBackplane, commit: &Commit) -> Result<Receipt> {
        let answer = inner.commit(commit).await;
        if answer.as_ref().is_err_and(Error::is_conflict) {
            let filler = StateTransition::new(LifecycleState::Draft, LifecycleState::Draft, NOBODY);
            inner.commit(&Commit::builder(commit.key(), Expected::Any).record(filler).build()?).await?;
        }
        answer
    }

    async fn log(
        &self,
        inner: &InMemoryBackplane,
        key: &ExperimentKey,
        after: Sequence,
        limit: PageSize,
    ) -> Result<Vec<LogEntry>> {
        let mut log = inner.log(key, after, limit, Consistency::Strong).await?;
        log.retain(|entry| entry.records.iter().all(|record| record.actor() != Some(NOBODY)));
        Ok(log)
    }

    async fn history(
        &self,
        inner: &InMemoryBackplane,
        key: &ExperimentKey,
        query: &HistoryQuery,
    ) -> Result<Page<Recorded<Record>>> {
        let mut page = inner.history(key, query, Consistency::Strong).await?;
        page.items.retain(|recorded| recorded.record.actor() != Some(NOBODY));
        Ok(page)
    }
}
