//! Whether writes can wait for replicas.

use super::place::Place;
use crate::error;
use crate::link::{Command, Does, Link};
use governance_persistence::{EphemeralKind, Result};

const DOING: &str = "checking whether writes can wait for replicas";

/// Refuses a user who may not wait. That replicas are missing is only said: they may come back, and until then each
/// write tells.
pub(super) async fn check(link: &Link, place: &Place) -> Result<()> {
    let failed = |failure| error::of(DOING, failure, Does::Read);
    link.ask(&place.master, Command::anywhere("WAIT", &["0", "1"])).await.map_err(failed)?;
    // Only those that are there get a score, and none is.
    let set = place.keys.ephemerals(&EphemeralKind::new("probe")?);
    let nothing = Command::on("ZADD", [set, "XX".to_owned(), "0".to_owned(), "probe".to_owned()]);
    if let Err(failure) = link.put(nothing).await.map_err(failed)?.confirm().await {
        tracing::warn!("the outcome of writes is unknown as long as replicas are missing: {failure}");
    }
    Ok(())
}
