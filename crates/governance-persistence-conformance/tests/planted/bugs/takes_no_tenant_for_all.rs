//! A leak between tenants: without a tenant, the history is that of some tenant's experiment of the name.

use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct TakesNoTenantForAll;

#[async_trait]
impl Bug for TakesNoTenantForAll {
    async fn history(
        &self,
        inner: &InMemoryBackplane,
        key: &ExperimentKey,
        query: &HistoryQuery,
    ) -> Result<Page<Recorded<Record>>> {
        let page = inner.history(key, query, Consistency::Strong).await?;
        if key.tenant().is_some() || !page.items.is_empty() {
            return Ok(page);
        }
        let all = ExperimentsQuery::new(Filter::Any).in_environment(Filter::exactly(key.environment())?);
        let all = inner.experiments(&all, Consistency::Strong).await?.items;
        match all.iter().find(|head| head.key.name() == key.name()) {
            Some(leaked) => inner.history(&leaked.key, query, Consistency::Strong).await,
            None => Ok(page),
        }
    }
}
