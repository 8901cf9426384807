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
use std::time::Duration;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

/// How often a command may be redirected from one server of a cluster to another.
const REDIRECTIONS: u32 = 5;
/// How often a command may be sent in a cluster: each redirection is one time, and the client gives up itself
/// when one that is being redirected has used up its attempts.
pub(super) const CLUSTER_ATTEMPTS: u32 = REDIRECTIONS + 3;
const FIRST_DELAY: Duration = Duration::from_millis(50);

/// A client, and the task that keeps it connected.
pub(super) struct Connection {
    client: Client,
    keeper: AbortHandle,
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
        let client = client(options);
        let router = match timeout(options.get_connect_timeout(), client.init()).await {
            Ok(outcome) => Router(outcome.map_err(Failure::of_connecting)?),
            Err(elapsed) => {
                let text = "no connection within connectTimeout".to_owned();
                return Err(Failure::NotSent(text, Box::new(elapsed)));
            }
        };
        let keeper = tokio::spawn(keep(client.clone(), router, options.get_max_reconnect_delay())).abort_handle();
        Ok(Self { client, keeper })
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) async fn close(&self, patience: Duration) {
        // Without a connection there is nobody to say goodbye to.
        let _ = timeout(patience, self.client.quit()).await;
        self.keeper.abort();
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

/// Connects anew whenever the client's task has given up, which it does on some errors of a cluster.
async fn keep(client: Client, mut router: Router, pause: Duration) {
    while !matches!((&mut router.0).await, Ok(Ok(()))) {
        sleep(pause).await;
        router = Router(client.connect());
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
    let clustered = matches!(target.servers, Servers::Cluster(_));
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
        max_command_attempts: if clustered { CLUSTER_ATTEMPTS } else { 1 },
        max_redirections: REDIRECTIONS,
        unresponsive: UnresponsiveConfig { max_timeout: Some(patience), interval: patience / 4 },
        ..ConnectionConfig::default()
    };
    let delay = |delay: Duration| u32::try_from(delay.as_millis()).unwrap_or(u32::MAX);
    let longest = options.get_max_reconnect_delay();
    let policy = ReconnectPolicy::new_exponential(0, delay(FIRST_DELAY.min(longest)), delay(longest), 2);
    Client::new(config, Some(performance), Some(connection), Some(policy))
}
