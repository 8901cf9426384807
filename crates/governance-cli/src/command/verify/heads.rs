//! Walks all experiments of the store, past those whose head does not decode.

use super::{experiment, report::Report};
use crate::failure::Failure;
use governance_persistence::{Backplane, Consistency, Error, ExperimentsQuery, Filter};

/// Verifies every experiment of every tenant and environment.
pub(super) async fn verify_all(backplane: &dyn Backplane, report: &mut Report<'_>) -> Result<(), Failure> {
    let all = ExperimentsQuery::new(Filter::Any);
    let mut next = Some(all.clone());
    let mut skipped = None;
    while let Some(query) = next {
        next = match backplane.experiments(&query, Consistency::Strong).await {
            Ok(page) => {
                for head in &page.items {
                    experiment::verify(backplane, head, report).await?;
                }
                page.next.map(|cursor| all.clone().starting_at(cursor))
            }
            // One at a time, so that those before the faulty one are not lost with its page.
            Err(Error::Corrupt { .. }) if query.size().get() > 1 => Some(query.page_size(1)?),
            Err(Error::Corrupt { key, sequence, problem }) if skipped.as_ref() != Some(&key) => {
                report.begin(&key);
                report.problem(&key, sequence, &problem)?;
                let next = all.clone().starting_at(all.cursor(&key));
                skipped = Some(key);
                Some(next)
            }
            Err(error) => return Err(error.into()),
        };
    }
    Ok(())
}
