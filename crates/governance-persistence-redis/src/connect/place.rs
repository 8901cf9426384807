//! Each server that keys are on, and names of keys that it has: what is set up differs from one to the next.

use crate::error;
use crate::keys::{Keys, Layout};
use crate::link::{Does, Link, Master};
use governance_persistence::{CommitId, Error, Result};

/// How many names are tried, until one is in a slot of the server. It has at least one of 16,384.
const TRIES: u32 = 1 << 20;

/// A server, and keys of it that nobody else has.
pub(super) struct Place {
    pub(super) master: Master,
    pub(super) keys: Keys,
}

/// One on each server.
pub(super) async fn places(link: &Link, layout: &Layout) -> Result<Vec<Place>> {
    let failed = |failure| error::of("looking for the servers", failure, Does::Read);
    let masters = link.masters().await.map_err(failed)?;
    let id = CommitId::new();
    let places = masters.each.iter().map(|master| {
        let mut names = (0..TRIES).map(|number| layout.probe(&format!("{id}-{number}")));
        let keys = names.find(|keys| masters.has(master, &keys.head()));
        let keys = keys.ok_or_else(|| Error::not_applied("a server of the cluster has no slots", None))?;
        Ok(Place { master: master.clone(), keys })
    });
    places.collect()
}
