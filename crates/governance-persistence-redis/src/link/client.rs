//! A client of the library, as all of ours are set up, and the task it runs in.

use super::Failure;
#[cfg(feature = "tls")]
use super::tls;
use crate::RedisOptions;
use crate::target::Servers;
use fred::clients::Client;
use fred::interfaces::ClientLike;
use fred::types::ConnectHandle;
use fred::types::config::{
    ClusterDiscoveryPolicy, Config, ConnectionConfig, PerformanceConfig, ReconnectPolicy, Server, ServerConfig,
    TcpConfig, UnresponsiveConfig,
};
use futures_util::FutureExt;
use std::pin::pin;
use std::time::Duration;
use tokio::time::timeout;

const FIRST_DELAY: Duration = Duration::from_millis(50);

/// The client's own task, which ends with this.
pub(super) struct Router(pub(super) ConnectHandle);

impl Drop for Router {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Makes a client that connects again whenever its connection is lost, and connects it.
pub(super) async fn keep_connected(options: &RedisOptions) -> Result<(Client, Router), Failure> {
    let delay = |delay: Duration| u32::try_from(delay.as_millis()).unwrap_or(u32::MAX);
    let longest = options.get_max_reconnect_delay();
    let policy = ReconnectPolicy::new_exponential(0, delay(FIRST_DELAY.min(longest)), delay(longest), 2);
    let patience = options.get_command_timeout();
    let unresponsive = UnresponsiveConfig { max_timeout: Some(patience), interval: patience / 4 };
    start(options, servers(options), Some(policy), unresponsive).await
}

/// Makes a client that has ended when its connection is lost, and connects it.
pub(super) async fn connect_once(options: &RedisOptions, server: ServerConfig) -> Result<(Client, Router), Failure> {
    start(options, server, None, UnresponsiveConfig::default()).await
}

/// What the URL leads to.
pub(super) fn servers(options: &RedisOptions) -> ServerConfig {
    let server = |(host, port): &(String, u16)| Server::new(host.clone(), *port);
    match &options.target().servers {
        Servers::One(address) => ServerConfig::Centralized { server: server(address) },
        Servers::Socket(path) => ServerConfig::Unix { path: path.clone() },
        Servers::Cluster(nodes) => ServerConfig::Clustered {
            hosts: nodes.iter().map(server).collect(),
            policy: ClusterDiscoveryPolicy::ConfigEndpoint,
        },
        Servers::Sentinel { service, nodes } => ServerConfig::Sentinel {
            hosts: nodes.iter().map(server).collect(),
            service_name: service.clone(),
            username: options.access().sentinel_user.clone(),
            password: options.access().sentinel_password.clone(),
        },
    }
}

async fn start(
    options: &RedisOptions,
    server: ServerConfig,
    policy: Option<ReconnectPolicy>,
    unresponsive: UnresponsiveConfig,
) -> Result<(Client, Router), Failure> {
    let target = options.target();
    let config = Config {
        server,
        username: target.user.clone(),
        password: target.password.clone(),
        // Every connection begins in database 0, and who may not choose another need not ask for it.
        database: target.database.filter(|database| *database != 0),
        #[cfg(feature = "tls")]
        tls: target.tls.then(|| tls::config(options.access())).transpose()?,
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
        // A command goes out at once, rather than when the server has acknowledged the one before.
        tcp: TcpConfig { nodelay: Some(true), ..TcpConfig::default() },
        unresponsive,
        ..ConnectionConfig::default()
    };
    let client = Client::new(config, Some(performance), Some(connection), policy);
    let mut connected = pin!(client.wait_for_connect());
    // Asked once, it listens, so that it hears of what comes from now on.
    let _ = (&mut connected).now_or_never();
    // The task ends with this, also when nobody waits for it any more.
    let router = Router(client.connect());
    match timeout(options.get_connect_timeout(), connected).await {
        Ok(outcome) => outcome.map(|()| (client.clone(), router)).map_err(Failure::of_connecting),
        Err(elapsed) => {
            // To a server without it, TLS looks like the beginning of a command.
            let silence = if target.tls { "; a server that does not speak TLS says nothing" } else { "" };
            Err(Failure::NotSent(format!("no connection within connectTimeout{silence}"), Box::new(elapsed)))
        }
    }
}
