//! One connection of ours: to a server, or to each server of a cluster. It is made again whenever it is lost.

use super::Failure;
use crate::RedisOptions;
use crate::target::Servers;
use fred::clients::Client;
use fred::interfaces::ClientLike;
use fred::types::ConnectHandle;
use fred::types::config::{
    ClusterDiscoveryPolicy, Config, ConnectionConfig, PerformanceConfig, ReconnectPolicy, Server, ServerConfig,
    UnresponsiveConfig,
};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

const FIRST_DELAY: Duration = Duration::from_millis(50);

/// A client, and the task that keeps it connected.
pub(super) struct Connection {
    current: Arc<Current>,
    keeper: AbortHandle,
}

/// The client of now. One that is stuck is replaced.
struct Current {
    client: RwLock<Client>,
    /// How many clients there were.
    generation: AtomicU64,
    stuck: Notify,
}

/// The client's own task, which ends with this.
struct Router(ConnectHandle);

impl Drop for Router {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Connection {
    pub(super) async fn open(options: &RedisOptions) -> Result<Self, Failure> {
        let (client, router) = start(options).await?;
        let current = Current { client: RwLock::new(client), generation: AtomicU64::new(0), stuck: Notify::new() };
        let current = Arc::new(current);
        let keeper = tokio::spawn(keep(current.clone(), router, options.clone())).abort_handle();
        Ok(Self { current, keeper })
    }

    /// The client, and the number by which it can be reported as stuck.
    pub(super) fn client(&self) -> (Client, u64) {
        let generation = self.current.generation.load(Ordering::SeqCst);
        (self.current.get(), generation)
    }

    /// Has the client replaced, if it is still the one of this number. Replies that it waits for are lost.
    pub(super) fn is_stuck(&self, generation: u64) {
        let next = generation + 1;
        let counted = self.current.generation.compare_exchange(generation, next, Ordering::SeqCst, Ordering::SeqCst);
        if counted.is_ok() {
            self.current.stuck.notify_one();
        }
    }

    pub(super) async fn close(&self, patience: Duration) {
        // Without a connection there is nobody to say goodbye to.
        let _ = timeout(patience, self.current.get().quit()).await;
        self.keeper.abort();
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

impl Current {
    fn get(&self) -> Client {
        self.client.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Makes a new client whenever the old one has given up, or does not get over the loss of a server of a cluster.
async fn keep(current: Arc<Current>, mut router: Router, options: RedisOptions) {
    loop {
        tokio::select! {
            ended = &mut router.0 => if matches!(ended, Ok(Ok(()))) { return },
            () = current.stuck.notified() => {}
        }
        router = loop {
            if let Ok((client, router)) = start(&options).await {
                *current.client.write().unwrap_or_else(PoisonError::into_inner) = client;
                break router;
            }
            sleep(options.get_max_reconnect_delay()).await;
        };
    }
}

/// Makes a client, and connects it.
async fn start(options: &RedisOptions) -> Result<(Client, Router), Failure> {
    let client = client(options);
    match timeout(options.get_connect_timeout(), client.init()).await {
        Ok(outcome) => Ok((client, Router(outcome.map_err(Failure::of_connecting)?))),
        Err(elapsed) => {
            let text = "no connection within connectTimeout".to_owned();
            Err(Failure::NotSent(text, Box::new(elapsed)))
        }
    }
}

fn client(options: &RedisOptions) -> Client {
    let target = options.target();
    let server = |(host, port): &(String, u16)| Server::new(host.clone(), *port);
    let server = match &target.servers {
        Servers::One(address) => ServerConfig::Centralized { server: server(address) },
        Servers::Socket(path) => ServerConfig::Unix { path: path.clone() },
        Servers::Cluster(nodes) => ServerConfig::Clustered {
            hosts: nodes.iter().map(server).collect(),
            policy: ClusterDiscoveryPolicy::ConfigEndpoint,
        },
    };
    let config = Config {
        server,
        username: target.user.clone(),
        password: target.password.clone(),
        // Every connection begins in database 0, and who may not choose another need not ask for it.
        database: target.database.filter(|database| *database != 0),
        ..Config::default()
    };
    let patience = options.get_command_timeout();
    let performance = PerformanceConfig { default_command_timeout: patience, ..PerformanceConfig::default() };
    let connection = ConnectionConfig {
        connection_timeout: options.get_connect_timeout(),
        internal_command_timeout: patience,
        // What was sent once may have been done, also when the connection is cut then.
        max_command_attempts: 1,
        // With a redirection followed, replies to other commands on the same connection may go astray. Without, the
        // client still learns where the key is now; sending again is our own affair.
        max_redirections: 0,
        unresponsive: UnresponsiveConfig { max_timeout: Some(patience), interval: patience / 4 },
        ..ConnectionConfig::default()
    };
    let delay = |delay: Duration| u32::try_from(delay.as_millis()).unwrap_or(u32::MAX);
    let longest = options.get_max_reconnect_delay();
    let policy = ReconnectPolicy::new_exponential(0, delay(FIRST_DELAY.min(longest)), delay(longest), 2);
    Client::new(config, Some(performance), Some(connection), Some(policy))
}
