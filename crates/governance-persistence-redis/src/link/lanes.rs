//! The lanes of all servers: which one a write takes, and what follows when its key is elsewhere.

use super::lane::{Lane, Work, Written};
use super::{Failure, Link, client, pauses};
use crate::RedisOptions;
use fred::types::cluster::ClusterRouting;
use fred::types::config::{Server, ServerConfig};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex as Short, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout_at};

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

    async fn write(&self, work: Work, deadline: Instant) -> Result<Written, Failure> {
        // There is at least one. The counter may wrap.
        let index = self.next.fetch_add(1, Ordering::Relaxed) % self.lanes.len();
        self.lanes[index].write(work, deadline).await
    }
}

/// How long a write may wait for its turn: one that is before it may wait for replicas.
fn turn(options: &RedisOptions) -> Duration {
    options.get_command_timeout() + options.get_wait_timeout()
}

/// All lanes.
pub(super) enum Lanes {
    One(Side, Duration),
    Cluster(Box<Sides>),
}

impl Lanes {
    /// None when no write is to wait.
    pub(super) fn of(options: &RedisOptions) -> Option<Self> {
        let server = client::servers(options);
        (options.get_wait_replicas() > 0).then(|| match server {
            ServerConfig::Clustered { .. } => Self::Cluster(Box::new(Sides::new(options))),
            server => Self::One(Side::to(&server, options), turn(options)),
        })
    }

    /// Ends them all.
    pub(super) fn close(&self) {
        match self {
            Self::One(side, _) => side.close(),
            Self::Cluster(sides) => {
                let by_server = sides.by_server.lock().unwrap_or_else(PoisonError::into_inner);
                by_server.values().for_each(|side| side.close());
            }
        }
    }

    pub(super) async fn write(&self, link: &Link, work: Work) -> Result<Written, Failure> {
        match self {
            Self::One(side, patience) => side.write(work, Instant::now() + *patience).await,
            Self::Cluster(sides) => sides.write(link, work).await,
        }
    }
}

/// The lanes to the servers of a cluster, each made when it is first needed.
pub(super) struct Sides {
    options: RedisOptions,
    by_server: Short<HashMap<Server, Arc<Side>>>,
    map: Short<Map>,
    /// Held by who finds out where the slots are. The others go on by the map that there is.
    survey: Mutex<()>,
}

/// Where the slots are, as far as is known.
#[derive(Default)]
struct Map {
    routing: Option<ClusterRouting>,
    /// Servers that did not do what was asked of them since it was drawn: where they stand in the map, it is drawn anew
    /// before it is next used.
    doubted: HashSet<Server>,
    /// How often it was drawn.
    edition: u64,
}

impl Map {
    /// The server that has the slot, and the edition of the map, if it can be relied on.
    fn owner(&self, slot: u16) -> Option<(Server, u64)> {
        let owner = self.routing.as_ref()?.get_server(slot).filter(|server| !self.doubted.contains(server))?;
        Some((owner.clone(), self.edition))
    }
}

impl Sides {
    fn new(options: &RedisOptions) -> Self {
        Self { options: options.clone(), by_server: Short::default(), map: Short::default(), survey: Mutex::default() }
    }

    /// Writes to the server that has the key. What it did not carry out because the key is moving, or has moved, is
    /// sent again for as long as an answer is waited for.
    async fn write(&self, link: &Link, work: Work) -> Result<Written, Failure> {
        let began = Instant::now();
        let (deadline, turn) = (began + self.options.get_command_timeout(), began + turn(&self.options));
        let mut pauses = pauses();
        // Where the last server said that the key is. The others may not know it yet.
        let mut told = None;
        loop {
            let (server, edition) = match told.take() {
                Some(server) => (server, None),
                None => self.owner(link, &work, turn).await.map(|(server, edition)| (server, Some(edition)))?,
            };
            let written = self.side(server.clone()).write(work.clone(), turn).await;
            let Err(failure) = written else { return written };
            if !matches!(&failure, Failure::Refused(_)) || failure.is_about_moving() {
                self.is_doubtful(server, edition);
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

    /// The server that has the key, and by which edition of the map. What is not known is found out by one for all.
    async fn owner(&self, link: &Link, work: &Work, deadline: Instant) -> Result<(Server, u64), Failure> {
        let key = work.first.key().map_or(&[][..], |key| key);
        let slot = fred::util::redis_keyslot(key);
        if let Some(owner) = self.map().owner(slot) {
            return Ok(owner);
        }
        let late =
            |elapsed| Failure::NotSent("the cluster's slots were not known in time".to_owned(), Box::new(elapsed));
        let _one = timeout_at(deadline, self.survey.lock()).await.map_err(late)?;
        // Another may have found it out meanwhile.
        if let Some(owner) = self.map().owner(slot) {
            return Ok(owner);
        }
        let is_first = self.map().routing.is_none();
        let known = if is_first { link.known_map() } else { None };
        let routing = match known {
            Some(routing) => routing,
            None => link.survey(key).await?,
        };
        let mut map = self.map();
        *map = Map { routing: Some(routing), doubted: HashSet::new(), edition: map.edition + 1 };
        let unknown = || Failure::NotSent(format!("no server has the slot {slot}"), "the cluster is incomplete".into());
        map.owner(slot).ok_or_else(unknown)
    }

    fn map(&self) -> MutexGuard<'_, Map> {
        self.map.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the map drawn anew before it is next used for this server, unless that was done since this edition.
    fn is_doubtful(&self, server: Server, edition: Option<u64>) {
        let mut map = self.map();
        if edition == Some(map.edition) {
            map.doubted.insert(server);
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
