//! A Redis Cluster: three masters, and a replica of each.

use super::{Redis, RedisOptions, tls};
use crate::programs::find;
use crate::services::command::run;
use crate::services::daemon::on_free_port;
use crate::services::directory::Directory;
use crate::services::{Record, Server, Service};
use anyhow::{Context, Result, bail};
use std::process::Command;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

const NODES: usize = 6;
const UNTIL_WHOLE: Duration = Duration::from_secs(60);
const ASK: Duration = Duration::from_millis(100);

/// A cluster of six servers, which notice within about two seconds that one is gone. Dropped, it stops.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<Redis>,
}

impl RedisCluster {
    /// Starts the servers in `directory`, and makes a cluster of them.
    ///
    /// # Errors
    ///
    /// When a program is missing, a server does not answer, or they do not become a cluster in time.
    pub fn start(directory: &Arc<Directory>) -> Result<Self> {
        Self::of((0..NODES).map(|_| start_node(directory, &[])).collect::<Result<_>>().context("a node")?)
    }

    /// The same of servers that speak TLS too, and ask each client for a certificate. Returns the port of the first at
    /// which it does; it knows those of the others.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    pub fn start_with_tls(directory: &Arc<Directory>) -> Result<(Self, u16)> {
        let among_servers = tls::among_servers(directory)?;
        let node = |_| {
            on_free_port(|port| {
                let arguments = tls::arguments(directory, port, true)?;
                Ok((start_node(directory, &[arguments, among_servers.clone()].concat())?, port))
            })
        };
        let (nodes, ports): (Vec<Redis>, Vec<u16>) = (0..NODES).map(node).collect::<Result<_>>().context("a node")?;
        Ok((Self::of(nodes)?, ports[0]))
    }

    fn of(nodes: Vec<Redis>) -> Result<Self> {
        let mut create = Command::new(find("redis-cli").context("redis-cli is not installed")?);
        create.args(["--cluster", "create"]).args(nodes.iter().map(|node| format!("127.0.0.1:{}", node.port())));
        run(create.args(["--cluster-replicas", "1", "--cluster-yes"]))?;
        let cluster = Self { nodes };
        cluster.wait_until_whole()?;
        Ok(cluster)
    }

    /// The URL by which clients find all servers.
    pub fn url(&self) -> String {
        let mut addresses = self.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port()));
        let first = addresses.next().unwrap_or_default();
        let others: Vec<String> = addresses.map(|address| format!("node={address}")).collect();
        format!("redis-cluster://{first}?{}", others.join("&"))
    }

    /// The servers, masters first when they were started.
    pub fn nodes(&self) -> &[Redis] {
        &self.nodes
    }

    /// The servers, to be killed and started again.
    pub fn nodes_mut(&mut self) -> &mut [Redis] {
        &mut self.nodes
    }

    /// Waits until each server says that the cluster is whole, and each replica has its master's data.
    fn wait_until_whole(&self) -> Result<()> {
        let is_whole = |node: &Redis| {
            let info = node.cli(&["CLUSTER", "INFO"]).unwrap_or_default();
            let nodes = node.cli(&["CLUSTER", "NODES"]).unwrap_or_default();
            let role = |role: &str| nodes.lines().filter(|line| line.contains(role)).count();
            // A replica that never had its master's data cannot take over.
            let replication = node.cli(&["INFO", "replication"]).unwrap_or_default();
            let has_data = replication.contains("role:master") || replication.contains("master_link_status:up");
            has_data && info.contains("cluster_state:ok") && role("master") == NODES / 2 && role("slave") == NODES / 2
        };
        let deadline = Instant::now() + UNTIL_WHOLE;
        while !self.nodes.iter().all(is_whole) {
            if Instant::now() > deadline {
                bail!("the servers were no whole cluster after {} s", UNTIL_WHOLE.as_secs());
            }
            sleep(ASK);
        }
        Ok(())
    }

    /// The servers as records; the first has the URL.
    pub(in crate::services) fn into_servers(self) -> Vec<Box<dyn Server>> {
        let url = (Service::RedisCluster.url_variable().to_owned(), self.url());
        let nodes = self.nodes.into_iter().enumerate().map(|(index, redis)| {
            let variables = if index == 0 { vec![url.clone()] } else { Vec::new() };
            Box::new(Node { redis, name: format!("redis-cluster-{}", index + 1), variables }) as Box<dyn Server>
        });
        nodes.collect()
    }
}

fn start_node(directory: &Arc<Directory>, more: &[String]) -> Result<Redis> {
    on_free_port(|bus| {
        // Left alone, it would be 10,000 above the server's own port, which may be too high.
        let bus = bus.to_string();
        let own = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-port", &bus];
        // A replica gets the data at once.
        let arguments = own.into_iter().chain(["--repl-diskless-sync-delay", "0"]).map(String::from);
        Redis::start(directory, &RedisOptions { arguments: arguments.chain(more.iter().cloned()).collect() })
    })
}

/// One of them by itself.
struct Node {
    redis: Redis,
    name: String,
    variables: Vec<(String, String)>,
}

impl Server for Node {
    fn record(&self) -> Record {
        self.redis.describe(Service::RedisCluster, self.name.clone(), &self.variables)
    }
}
