//! A leak between tenants: the listing shows the experiments of all.

use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct IgnoresTheTenantFilter;

#[async_trait]
impl Bug for IgnoresTheTenantFilter {
    async fn experiments(&self, inner: &InMemoryBackplane, query: &ExperimentsQuery) -> Result<Page<Head>> {
        let mut all = ExperimentsQuery::new(Filter::Any).in_environment(query.environment().clone());
        all = all.page_size(query.size().get())?;
        if let Some(state) = query.state() {
            all = all.in_state(state);
        }
        if let Some(after) = query.after()? {
            let cursor = all.cursor(&after);
            all = all.starting_at(cursor);
        }
        let mut page = inner.experiments(&all, Consistency::Strong).await?;
        page.next = page.items.last().filter(|_| page.next.is_some()).map(|last| query.cursor(&last.key));
        Ok(page)
    }
}
