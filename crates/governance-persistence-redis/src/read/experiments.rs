//! The listing of all experiments. It lives in one slot of a cluster, the experiments in many.

use crate::error;
use crate::keys::{member, of_member};
use crate::store::Store;
use bytes::Bytes;
use futures_util::future::try_join_all;
use governance_persistence::{ExperimentKey, ExperimentsQuery, Filter, Head, Page, Result};

/// How many keys are looked at in one go, at least: filters may leave few of them.
const STEP: usize = 100;

impl Store {
    pub(crate) async fn experiments(&self, query: &ExperimentsQuery) -> Result<Page<Head>> {
        let wanted = query.size().get() + 1;
        let (mut from, until) = range(query);
        if let Some(after) = query.after()? {
            // The key was on a page of the same query, so it lies in its range.
            from = [b"(", member(&after).as_bytes()].concat();
        }
        let mut heads: Vec<Head> = Vec::new();
        loop {
            let step = wanted.max(STEP);
            let members = self.listed(&from, &until, step).await?;
            let keys = members
                .iter()
                .filter_map(|member| of_member(member))
                .filter(|key| query.tenant().admits(key.tenant()) && query.environment().admits(key.environment()));
            let keys: Vec<ExperimentKey> = keys.collect();
            let found = try_join_all(keys.iter().map(|key| self.head(key))).await?;
            // One that was listed, and whose first commit did not come to pass, is none.
            heads.extend(found.into_iter().filter(|head| head.exists() && is_in_state(query, head)));
            match members.last() {
                Some(last) if heads.len() < wanted && members.len() == step => from = [b"(", &last[..]].concat(),
                _ => break,
            }
        }
        heads.truncate(wanted);
        Ok(Page::cut(heads, query.size(), |last: &Head| query.cursor(&last.key)))
    }

    async fn listed(&self, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Bytes>> {
        let limit = limit.to_string();
        let range = [b"ZRANGEBYLEX", from, until, b"LIMIT", b"0", limit.as_bytes()].map(Bytes::copy_from_slice);
        let listing = self.layout.experiments();
        let found = self.members(&listing, &range).await;
        found.map_err(|failure| error::of_listing(&listing, "listing experiments", failure))
    }
}

fn is_in_state(query: &ExperimentsQuery, head: &Head) -> bool {
    let state = head.state.as_ref().map(|state| state.lifecycle_state);
    query.state().is_none_or(|wanted| state == Some(wanted))
}

/// The part of the listing where the query's tenant is, and its environment if both are named.
fn range(query: &ExperimentsQuery) -> (Vec<u8>, Vec<u8>) {
    let named = |filter: &Filter| match filter {
        Filter::Any => None,
        Filter::None => Some(String::new()),
        Filter::Is(name) => Some(name.to_string()),
    };
    let Some(tenant) = named(query.tenant()) else { return (b"-".to_vec(), b"+".to_vec()) };
    let stem = match named(query.environment()) {
        Some(environment) => format!("{tenant}\0{environment}"),
        None => tenant,
    };
    // What begins with the stem has NUL behind it, and what has more in that place comes later.
    (format!("[{stem}\0").into_bytes(), format!("({stem}\u{1}").into_bytes())
}
