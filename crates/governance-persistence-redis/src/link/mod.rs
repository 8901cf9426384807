//! The connections: commands go out, replies come in. Nothing beyond this module knows the client library.

mod failure;
mod open;
mod reply;
mod watch;

pub(crate) use failure::Failure;
pub(crate) use reply::Reply;

use crate::RedisOptions;
use crate::script::Script;
use crate::target::Servers;
use bytes::Bytes;
use fred::clients::Client;
use fred::interfaces::{ClientLike, EventInterface};
use fred::types::config::Options;
use fred::types::{ClusterHash, CustomCommand, Value};
use open::Connection;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How often a read may be sent: nothing is lost by reading twice.
const READ_ATTEMPTS: u32 = 3;

/// The hash by which servers know a script.
pub(crate) fn sha1(text: &str) -> String {
    fred::util::sha1_hash(text)
}

/// What a command does, which says whether it may be sent again after its reply was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    Read,
    Write,
}

/// A command: its name, its arguments, and which of them is the key that says where it goes.
pub(crate) struct Command {
    name: &'static str,
    arguments: Vec<Bytes>,
    key: Option<usize>,
}

impl Command {
    /// A command whose first argument is a key.
    pub(crate) fn on<A: Into<Bytes>>(name: &'static str, arguments: impl IntoIterator<Item = A>) -> Self {
        Self { name, arguments: arguments.into_iter().map(Into::into).collect(), key: Some(0) }
    }

    /// A command for any server.
    pub(crate) fn anywhere(name: &'static str, arguments: &[&'static str]) -> Self {
        let arguments = arguments.iter().map(|argument| Bytes::from_static(argument.as_bytes())).collect();
        Self { name, arguments, key: None }
    }

    fn script(name: &'static str, script: &str, keys: &[String], arguments: &[Bytes]) -> Self {
        let mut all = Vec::with_capacity(2 + keys.len() + arguments.len());
        all.push(Bytes::copy_from_slice(script.as_bytes()));
        all.push(Bytes::from(keys.len().to_string()));
        all.extend(keys.iter().map(|key| Bytes::copy_from_slice(key.as_bytes())));
        all.extend_from_slice(arguments);
        Self { name, arguments: all, key: Some(2) }
    }
}

/// The connections to a server, or to the servers of a cluster.
pub(crate) struct Link {
    connections: Vec<Connection>,
    next: AtomicUsize,
    clustered: bool,
    patience: Duration,
}

impl Link {
    pub(crate) async fn open(options: &RedisOptions) -> Result<Self, Failure> {
        let mut connections = Vec::with_capacity(options.get_connections());
        for _ in 0..options.get_connections() {
            connections.push(Connection::open(options).await?);
        }
        let clustered = matches!(options.target().servers, Servers::Cluster(_));
        Ok(Self { connections, next: AtomicUsize::new(0), clustered, patience: options.get_command_timeout() })
    }

    fn client(&self) -> &Client {
        // There is at least one. The counter may wrap.
        let index = self.next.fetch_add(1, Ordering::Relaxed) % self.connections.len();
        self.connections[index].client()
    }

    /// Sends a command, and waits for its reply.
    pub(crate) async fn send(&self, command: Command, does: Does) -> Result<Reply, Failure> {
        let hash = command.key.map_or(ClusterHash::Random, ClusterHash::Offset);
        let name = CustomCommand::new_static(command.name, hash, false);
        let arguments: Vec<Value> = command.arguments.into_iter().map(Value::Bytes).collect();
        let client = self.client();
        let frame = match does {
            Does::Read => {
                let options = Options { max_attempts: Some(READ_ATTEMPTS.max(self.attempts())), ..Options::default() };
                client.with_options(&options).custom_raw(name, arguments).await
            }
            Does::Write if self.clustered => {
                // What is redirected has to be sent again, and so may be what was cut off.
                let cuts = client.error_rx();
                let answer = client.custom_raw(name, arguments).await;
                return watch::judge(answer, cuts);
            }
            Does::Write => client.custom_raw(name, arguments).await,
        };
        frame.map_err(|error| Failure::of_client(error, self.clustered)).and_then(Reply::of_frame)
    }

    fn attempts(&self) -> u32 {
        if self.clustered { open::CLUSTER_ATTEMPTS } else { 1 }
    }

    /// Runs a script, which is sent in full to a server that does not have it. The server keeps it then.
    pub(crate) async fn run(
        &self,
        script: &Script,
        keys: &[String],
        arguments: &[Bytes],
        does: Does,
    ) -> Result<Reply, Failure> {
        match self.send(Command::script("EVALSHA", &script.hash, keys, arguments), does).await {
            Err(failure) if failure.is_unknown_script() => {
                self.send(Command::script("EVAL", &script.text, keys, arguments), does).await
            }
            answer => answer,
        }
    }

    /// Says goodbye. What was sent is still answered.
    pub(crate) async fn close(&self) {
        for connection in &self.connections {
            connection.close(self.patience).await;
        }
    }
}

/// Shows how many connections there are, and nothing of whereto.
impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("connections", &self.connections.len())
            .field("clustered", &self.clustered)
            .finish_non_exhaustive()
    }
}
