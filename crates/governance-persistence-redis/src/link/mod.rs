//! The connections: commands go out, replies come in. Nothing beyond this module knows the client library.

mod failure;
mod masters;
mod open;
mod reply;

pub(crate) use failure::Failure;
pub(crate) use masters::{Masters, Part};
pub(crate) use reply::Reply;

use crate::RedisOptions;
use crate::script::Script;
use crate::target::Servers;
use bytes::Bytes;
use fred::error::ErrorKind;
use fred::interfaces::ClientLike;
use fred::types::config::Options;
use fred::types::{ClusterHash, CustomCommand, Value};
use open::Connection;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often a read may be sent: nothing is lost by reading twice.
const READ_ATTEMPTS: u32 = 3;
/// How long to wait before a command is sent again whose key is moving: at first, and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

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

    fn connection(&self) -> &Connection {
        // There is at least one. The counter may wrap.
        let index = self.next.fetch_add(1, Ordering::Relaxed) % self.connections.len();
        &self.connections[index]
    }

    /// Sends a command, and waits for its reply. What a cluster did not carry out because the key is moving, or
    /// has moved, is sent again for as long as an answer is waited for.
    pub(crate) async fn send(&self, command: Command, does: Does) -> Result<Reply, Failure> {
        let key = command.key.filter(|_| self.clustered).and_then(|index| command.arguments.get(index));
        // Only a slot is taken as it is; of other ways to say it the client makes the first argument, a hash as often
        // as not.
        let hash = key.map_or(ClusterHash::Random, |key| ClusterHash::from(&key[..]));
        let arguments: Vec<Value> = command.arguments.into_iter().map(Value::Bytes).collect();
        if !self.clustered {
            return self.once(CustomCommand::new_static(command.name, hash, false), arguments, does).await;
        }
        let deadline = Instant::now() + self.patience;
        let mut pause = FIRST_PAUSE;
        loop {
            let name = CustomCommand::new_static(command.name, hash.clone(), false);
            match self.once(name, arguments.clone(), does).await {
                Err(failure) if failure.is_about_moving() && Instant::now() + pause < deadline => {
                    sleep(pause).await;
                    pause = LONGEST_PAUSE.min(pause * 2);
                }
                answer => return answer,
            }
        }
    }

    async fn once(&self, name: CustomCommand, arguments: Vec<Value>, does: Does) -> Result<Reply, Failure> {
        let connection = self.connection();
        let (client, generation) = connection.client();
        let frame = match does {
            Does::Read => {
                let options = Options { max_attempts: Some(READ_ATTEMPTS), ..Options::default() };
                client.with_options(&options).custom_raw(name, arguments).await
            }
            Does::Write => client.custom_raw(name, arguments).await,
        };
        if self.clustered && matches!(&frame, Err(error) if *error.kind() == ErrorKind::Timeout) {
            connection.is_stuck(generation);
        }
        frame.map_err(Failure::of_client).and_then(Reply::of_frame)
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
