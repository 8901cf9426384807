//! A leak between tenants: a look-up that finds nothing looks at the tenant of nobody too.

use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct LeaksTheDefaultTenant;

#[async_trait]
impl Bug for LeaksTheDefaultTenant {
    async fn look_up(
        &self,
        inner: &InMemoryBackplane,
        key: &ExperimentKey,
        look_up: LookUp<'_>,
    ) -> Result<Vec<Recorded<Record>>> {
        let found = inner.look_up(key, look_up, Consistency::Strong).await?;
        if !found.is_empty() {
            return Ok(found);
        }
        let default = ExperimentKey::from_parts(None, key.environment(), key.name())?;
        inner.look_up(&default, look_up, Consistency::Strong).await
    }
}
