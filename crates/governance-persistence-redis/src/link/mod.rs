//! The connections: commands go out, replies come in. Nothing beyond this module knows the client library.

mod client;
mod command;
mod failure;
mod lane;
mod lanes;
mod masters;
mod open;
mod pool;
mod reply;
#[cfg(feature = "tls")]
mod tls;
mod wire;

pub(crate) use command::{Command, Does};
pub(crate) use failure::Failure;
pub(crate) use lane::Written;
pub(crate) use masters::{Master, Masters, Part};
pub(crate) use reply::Reply;

use crate::RedisOptions;
use crate::script::Script;
use bytes::Bytes;
use fred::error::ErrorKind;
use fred::interfaces::{ClientLike, ClusterInterface};
use fred::types::cluster::ClusterRouting;
use fred::types::config::Options;
use fred::types::{ClusterHash, CustomCommand};
use lane::Work;
use lanes::Lanes;
use pool::{Lease, Pool};
use std::fmt;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often a read may be sent: nothing is lost by reading twice.
const READ_ATTEMPTS: u32 = 3;
/// How long to wait before a command is sent again whose key is moving: at first, and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// The pauses, for ever.
fn pauses() -> impl Iterator<Item = Duration> + Send {
    std::iter::successors(Some(FIRST_PAUSE), |pause| Some(LONGEST_PAUSE.min(*pause * 2)))
}

/// Does the connection lead to a server that does not write any more?
fn leads_to_a_replica(reply: &Result<Reply, Failure>) -> bool {
    match reply {
        Ok(reply) => reply.is_of_a_replica(),
        Err(failure) => failure.is_of_a_replica(),
    }
}

/// The hash by which servers know a script.
pub(crate) fn sha1(text: &str) -> String {
    fred::util::sha1_hash(text)
}

/// The connections to a server, or to the servers of a cluster.
pub(crate) struct Link {
    pool: Pool,
    /// For writes that wait for replicas.
    lanes: Option<Lanes>,
    clustered: bool,
    /// By Sentinels.
    watched: bool,
    patience: Duration,
}

impl Link {
    pub(crate) async fn open(options: &RedisOptions) -> Result<Self, Failure> {
        let pool = Pool::open(options).await?;
        let (clustered, watched) = (options.target().is_cluster(), options.target().is_sentinel());
        let (lanes, patience) = (Lanes::of(options), options.get_command_timeout());
        Ok(Self { pool, lanes, clustered, watched, patience })
    }

    /// Sends a command, and waits for its reply. What a cluster did not carry out because the key is moving, or
    /// has moved, is sent again for as long as an answer is waited for.
    pub(crate) async fn send(&self, command: Command, does: Does) -> Result<Reply, Failure> {
        if !self.clustered {
            return self.once(&self.pool.lease(), command, does).await;
        }
        let deadline = Instant::now() + self.patience;
        let mut pauses = pauses();
        loop {
            let pause = pauses.next().unwrap_or_default();
            match self.once(&self.pool.lease(), command.clone(), does).await {
                Err(failure) if failure.is_about_moving() && Instant::now() + pause < deadline => sleep(pause).await,
                answer => return answer,
            }
        }
    }

    async fn once(&self, connection: &Lease<'_>, command: Command, does: Does) -> Result<Reply, Failure> {
        let key = command.key().filter(|_| self.clustered);
        // Only a slot is taken as it is; of other ways to say it the client makes the first argument, a hash as often
        // as not.
        let hash = key.map_or(ClusterHash::Random, |key| ClusterHash::from(&key[..]));
        let name = CustomCommand::new_static(command.name, hash, false);
        let (mut client, mut number) = connection.client();
        let mut left = None;
        if !connection.is_connected(&client) {
            // What is handed to the client now, may be sent or not before its time is over, and nobody would know.
            let deadline = Instant::now() + self.patience;
            let Some(connected) = connection.connected(self.patience).await else {
                if self.clustered || self.watched {
                    connection.is_stuck(number);
                }
                return Err(Failure::NotSent("the connection is lost".to_owned(), "nor came back in time".into()));
            };
            (client, number) = connected;
            left = Some(deadline - Instant::now()).filter(|left| !left.is_zero());
        }
        let frame = match (does, left) {
            (Does::Write, None) => client.custom_raw(name, command.arguments).await,
            (does, left) => {
                let max_attempts = (does == Does::Read).then_some(READ_ATTEMPTS);
                let options = Options { max_attempts, timeout: left, ..Options::default() };
                client.with_options(&options).custom_raw(name, command.arguments).await
            }
        };
        let timed_out = matches!(&frame, Err(error) if *error.kind() == ErrorKind::Timeout);
        let reply = frame.map_err(Failure::of_client).and_then(Reply::of_frame);
        // A client that has once asked a Sentinel asks only those that were named there, and may be left with none
        // of those in the URL.
        let is_lost = self.watched && reply.as_ref().is_err_and(Failure::is_about_the_connection);
        // The address may lead to another server by now, and only a new connection goes there.
        if (self.clustered && timed_out) || is_lost || leads_to_a_replica(&reply) {
            connection.is_stuck(number);
        }
        reply
    }

    /// Where the slots of the cluster are. The key is asked for, so that it is true of that one.
    async fn survey(&self, key: &[u8]) -> Result<ClusterRouting, Failure> {
        let connection = self.pool.lease();
        let ask = Command::on("LLEN", [Bytes::copy_from_slice(key)]);
        match self.once(&connection, ask, Does::Read).await {
            Err(failure) if failure.is_about_moving() || matches!(failure, Failure::Refused(_)) => {}
            // It is this question that was lost, and not the write that it is asked for.
            Err(Failure::Lost(text, source)) => return Err(Failure::NotSent(text, source)),
            answer => answer.map(|_| ())?,
        }
        let unknown = || Failure::NotSent("the cluster's slots are not known".to_owned(), "no map of them".into());
        self.known_map().ok_or_else(unknown)
    }

    /// Where the slots of the cluster are, as far as a connection has learnt.
    fn known_map(&self) -> Option<ClusterRouting> {
        self.pool.lease().client().0.cached_cluster_state()
    }

    /// Runs a script, which is sent in full to a server that does not have it. The server keeps it then.
    pub(crate) async fn run(
        &self,
        script: &Script,
        keys: &[Bytes],
        arguments: &[Bytes],
        does: Does,
    ) -> Result<Reply, Failure> {
        match self.send(Command::by_hash(script, keys, arguments), does).await {
            Err(failure) if failure.is_unknown_script() => {
                self.send(Command::in_full(script, keys, arguments), does).await
            }
            answer => answer,
        }
    }

    /// Runs a script that writes. Whether the replicas that were asked for have it, is told by what is returned.
    pub(crate) async fn write(&self, script: &Script, keys: &[Bytes], arguments: &[Bytes]) -> Result<Written, Failure> {
        let Some(lanes) = &self.lanes else {
            return self.run(script, keys, arguments, Does::Write).await.map(Written::without_replicas);
        };
        let in_full = Some(Command::in_full(script, keys, arguments));
        lanes.write(self, Work { first: Command::by_hash(script, keys, arguments), in_full }).await
    }

    /// The same for a command by which nothing is lost when it is sent twice.
    pub(crate) async fn put(&self, command: Command) -> Result<Written, Failure> {
        match &self.lanes {
            None => self.send(command, Does::Read).await.map(Written::without_replicas),
            Some(lanes) => lanes.write(self, Work { first: command, in_full: None }).await,
        }
    }

    /// Says goodbye. What was sent is still answered.
    pub(crate) async fn close(&self) {
        // Who was sent something over a lane has its answer, or has gone.
        self.lanes.iter().for_each(Lanes::close);
        self.pool.close(self.patience).await;
    }
}

/// Shows how many connections there are, and nothing of whereto.
impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("connections", &self.pool.len())
            .field("clustered", &self.clustered)
            .finish_non_exhaustive()
    }
}
