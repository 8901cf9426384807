//! The lanes of all servers: which one a write takes, and what follows when its key is elsewhere.

use super::lane::{Lane, Work, Written};
use super::{Failure, Link, client, pauses};
use crate::RedisOptions;
use fred::types::cluster::ClusterRouting;
use fred::types::config::{Server, ServerConfig};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex as Short, PoisonError};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

/// The lanes to one server.
pub(super) struct Side {
    lanes: Vec<Lane>,
    next: AtomicUsize,
}

impl Side {
    fn to(server: &ServerConfig, options: &RedisOptions) -> Self {
        let lanes = (0..options.get_connections()).map(|_| Lane::to(server.clone(), options)).collect();
        Self { lanes, next: AtomicUsize::new(0) }
    }

    fn close(&self) {
        self.lanes.iter().for_each(Lane::close);
    }

    async fn write(&self, work: Work) -> Result<Written, Failure> {
        // There is at least one. The counter may wrap.
        let index = self.next.fetch_add(1, Ordering::Relaxed) % self.lanes.len();
        self.lanes[index].write(work).await
    }
}

/// All lanes.
pub(super) enum Lanes {
    One(Side),
    Cluster(Box<Sides>),
}

impl Lanes {
    /// None when no write is to wait.
    pub(super) fn of(options: &RedisOptions) -> Option<Self> {
        let server = client::servers(options);
        (options.get_wait_replicas() > 0).then(|| match server {
            ServerConfig::Clustered { .. } => Self::Cluster(Box::new(Sides::new(options))),
            server => Self::One(Side::to(&server, options)),
        })
    }

    /// Ends them all.
    pub(super) fn close(&self) {
        match self {
            Self::One(side) => side.close(),
            Self::Cluster(sides) => {
                let by_server = sides.by_server.lock().unwrap_or_else(PoisonError::into_inner);
                by_server.values().for_each(|side| side.close());
            }
        }
    }

    pub(super) async fn write(&self, link: &Link, work: Work) -> Result<Written, Failure> {
        match self {
            Self::One(side) => side.write(work).await,
            Self::Cluster(sides) => sides.write(link, work).await,
        }
    }
}

/// The lanes to the servers of a cluster, each made when it is first needed.
pub(super) struct Sides {
    options: RedisOptions,
    by_server: Short<HashMap<Server, Arc<Side>>>,
    map: Mutex<Map>,
}

/// Where the slots are, as far as is known.
#[derive(Default)]
struct Map {
    routing: Option<ClusterRouting>,
    /// How often it was drawn.
    edition: u64,
}

impl Sides {
    fn new(options: &RedisOptions) -> Self {
        Self { options: options.clone(), by_server: Short::default(), map: Mutex::default() }
    }

    /// Writes to the server that has the key. What it did not carry out because the key is moving, or has moved, is
    /// sent again for as long as an answer is waited for.
    async fn write(&self, link: &Link, work: Work) -> Result<Written, Failure> {
        let deadline = Instant::now() + self.options.get_command_timeout();
        let mut pauses = pauses();
        // Where the last server said that the key is. The others may not know it yet.
        let mut told = None;
        loop {
            let (server, edition) = match told.take() {
                Some(server) => (server, None),
                None => self.owner(link, &work).await.map(|(server, edition)| (server, Some(edition)))?,
            };
            let written = self.side(server).write(work.clone()).await;
            let Err(failure) = written else { return written };
            if !matches!(&failure, Failure::Refused(_)) || failure.is_about_moving() {
                self.is_outdated(edition).await;
            }
            // By what name a certificate knows it is only in the map.
            let address = failure.moved_to().filter(|_| !self.options.target().tls);
            told = address.map(|(host, port)| Server::new(host, port));
            let pause = pauses.next().unwrap_or_default();
            if !failure.is_about_moving() || Instant::now() + pause > deadline {
                return Err(failure);
            }
            sleep(pause).await;
        }
    }

    /// The server that has the key, and by which edition of the map.
    async fn owner(&self, link: &Link, work: &Work) -> Result<(Server, u64), Failure> {
        let key = work.first.key().map_or(&[][..], |key| key);
        let mut map = self.map.lock().await;
        if map.routing.is_none() {
            map.routing = Some(link.survey(key).await?);
            map.edition += 1;
        }
        let slot = fred::util::redis_keyslot(key);
        let owner = map.routing.as_ref().and_then(|routing| routing.get_server(slot)).cloned();
        if owner.is_none() {
            map.routing = None;
        }
        let unknown = || Failure::NotSent(format!("no server has the slot {slot}"), "the cluster is incomplete".into());
        Ok((owner.ok_or_else(unknown)?, map.edition))
    }

    /// Has the map drawn anew before it is next used, unless that was done since this edition.
    async fn is_outdated(&self, edition: Option<u64>) {
        let mut map = self.map.lock().await;
        if edition == Some(map.edition) {
            map.routing = None;
        }
    }

    fn side(&self, server: Server) -> Arc<Side> {
        let mut by_server = self.by_server.lock().unwrap_or_else(PoisonError::into_inner);
        let side = by_server.entry(server).or_insert_with_key(|server| {
            Arc::new(Side::to(&ServerConfig::Centralized { server: server.clone() }, &self.options))
        });
        Arc::clone(side)
    }
}
