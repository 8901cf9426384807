//! A Redis server and its replica, watched by Sentinels: one of them takes over when the other is gone.

use super::{Redis, RedisOptions, STOP, cli, tls};
use crate::programs::find;
use crate::services::account::Account;
use crate::services::daemon::{Daemon, on_free_port};
use crate::services::directory::Directory;
use crate::services::process::Process;
use crate::services::{Record, Server, Service};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The name under which the Sentinels know the servers.
const SERVICE: &str = "governance";
/// So that one of them may be gone too.
const SENTINELS: usize = 3;
const UNTIL_WATCHED: Duration = Duration::from_secs(60);
const ASK: Duration = Duration::from_millis(50);

/// Two servers and three Sentinels, which notice within about a second that the primary is gone. Dropped, they stop.
#[derive(Debug)]
pub struct RedisSentinel {
    servers: [Redis; 2],
    sentinels: Vec<Sentinel>,
}

/// One that watches.
#[derive(Debug)]
struct Sentinel {
    daemon: Daemon,
    folder: PathBuf,
    port: u16,
    // The last field: the directory goes after it.
    directory: Arc<Directory>,
}

impl RedisSentinel {
    /// Starts the servers and the Sentinels in `directory`. The Sentinels, and nobody else, are set up by `lines` too.
    ///
    /// # Errors
    ///
    /// When a program is missing, one of them does not answer, or the Sentinels do not find each other in time.
    pub fn start(directory: &Arc<Directory>, lines: &[&str]) -> Result<Self> {
        let primary = Redis::start(directory, &RedisOptions::default())?;
        let replica = primary.replica(&[])?;
        let sentinels = (0..SENTINELS).map(|_| Sentinel::start(directory, primary.port(), lines));
        let sentinels = sentinels.collect::<Result<_>>().context("a Sentinel")?;
        let watched = Self { servers: [primary, replica], sentinels };
        watched.wait_until_watched()?;
        Ok(watched)
    }

    /// The same over TLS: servers and Sentinels talk so to each other, and ask each client for a certificate. Returns
    /// the URL with the ports at which the Sentinels do.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    pub fn start_with_tls(directory: &Arc<Directory>) -> Result<(Self, String)> {
        let among_servers = tls::among_servers(directory)?;
        let arguments =
            |port| Ok::<_, anyhow::Error>([tls::arguments(directory, port, true)?, among_servers.clone()].concat());
        let (primary, primary_port) =
            on_free_port(|port| Ok((Redis::start(directory, &RedisOptions { arguments: arguments(port)? })?, port)))?;
        let replica = on_free_port(|port| {
            let arguments = arguments(port)?;
            primary.replica_by(primary_port, &arguments.iter().map(String::as_str).collect::<Vec<_>>())
        })?;
        let sentinel = |_| {
            on_free_port(|port| {
                let pairs = arguments(port)?;
                let lines: Vec<String> =
                    pairs.chunks(2).map(|pair| pair.join(" ").trim_start_matches('-').to_owned()).collect();
                let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
                Ok((Sentinel::start(directory, primary_port, &lines)?, port))
            })
        };
        let (sentinels, ports): (Vec<Sentinel>, Vec<u16>) =
            (0..SENTINELS).map(sentinel).collect::<Result<_>>().context("a Sentinel")?;
        let watched = Self { servers: [primary, replica], sentinels };
        watched.wait_until_watched()?;
        Ok((watched, url("rediss-sentinel", &ports)))
    }

    /// The URL by which clients find the primary, whichever it is.
    pub fn url(&self) -> String {
        url("redis-sentinel", &self.sentinels.iter().map(|sentinel| sentinel.port).collect::<Vec<_>>())
    }

    /// The servers, the primary first when they were started.
    pub fn servers(&self) -> &[Redis] {
        &self.servers
    }

    /// The servers, to be killed and started again.
    pub fn servers_mut(&mut self) -> &mut [Redis] {
        &mut self.servers
    }

    /// The port of the primary, as one of the Sentinels tells it.
    ///
    /// # Errors
    ///
    /// When it does not answer.
    pub fn primary(&self, sentinel: usize) -> Result<u16> {
        let address = cli(self.sentinels[sentinel].port, &["SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE])?;
        Ok(address.lines().last().unwrap_or_default().trim().parse()?)
    }

    /// Kills one of the Sentinels, as a crash would.
    ///
    /// # Errors
    ///
    /// When the system does not let us.
    pub fn kill_sentinel(&mut self, index: usize) -> Result<()> {
        self.sentinels[index].daemon.kill()
    }

    /// Waits until each Sentinel knows the replica and the other Sentinels. One that wants a password is not asked.
    fn wait_until_watched(&self) -> Result<()> {
        let knows_all = |sentinel: &Sentinel| match cli(sentinel.port, &["SENTINEL", "MASTER", SERVICE]) {
            Ok(state) => {
                let lines: Vec<&str> = state.lines().collect();
                let field = |name: &str| lines.windows(2).find(|pair| pair[0] == name).map(|pair| pair[1]);
                field("num-slaves") == Some("1") && field("num-other-sentinels") == Some("2")
            }
            Err(error) => format!("{error:#}").contains("NOAUTH"),
        };
        let deadline = Instant::now() + UNTIL_WATCHED;
        while !self.sentinels.iter().all(knows_all) {
            if Instant::now() > deadline {
                bail!("the Sentinels had not found each other after {} s", UNTIL_WATCHED.as_secs());
            }
            sleep(ASK);
        }
        Ok(())
    }

    /// All of them as records; the first has the URL.
    pub(in crate::services) fn into_servers(self) -> Vec<Box<dyn Server>> {
        let url = (Service::RedisSentinel.url_variable().to_owned(), self.url());
        let mut all: Vec<Box<dyn Server>> = Vec::new();
        for (redis, name) in self.servers.into_iter().zip(["redis-sentinel-primary", "redis-sentinel-replica"]) {
            let variables = if all.is_empty() { vec![url.clone()] } else { Vec::new() };
            all.push(Box::new(Watched { redis, name, variables }));
        }
        for (index, sentinel) in self.sentinels.into_iter().enumerate() {
            all.push(Box::new(Watcher { sentinel, name: format!("redis-sentinel-{}", index + 1) }));
        }
        all
    }
}

fn url(scheme: &str, ports: &[u16]) -> String {
    let mut addresses = ports.iter().map(|port| format!("127.0.0.1:{port}"));
    let first = addresses.next().unwrap_or_default();
    let others: Vec<String> = addresses.map(|address| format!("&node={address}")).collect();
    format!("{scheme}://{first}/0?service={SERVICE}{}", others.concat())
}

impl Sentinel {
    fn start(directory: &Arc<Directory>, primary: u16, lines: &[&str]) -> Result<Self> {
        let folder = directory.folder("sentinel", Account::Own)?;
        let (port, daemon) = on_free_port(|port| Ok((port, Self::run(&folder, port, primary, lines)?)))?;
        Ok(Self { daemon, folder, port, directory: Arc::clone(directory) })
    }

    fn run(folder: &Path, port: u16, primary: u16, lines: &[&str]) -> Result<Daemon> {
        // It writes down there what it learns.
        let file = folder.join("sentinel.conf");
        let own = [
            "bind 127.0.0.1".to_owned(),
            format!("port {port}"),
            format!("dir {}", folder.display()),
            // A process is known by the path on its command line.
            "set-proc-title no".to_owned(),
            format!("sentinel monitor {SERVICE} 127.0.0.1 {primary} {}", SENTINELS / 2 + 1),
            format!("sentinel down-after-milliseconds {SERVICE} 1000"),
            format!("sentinel failover-timeout {SERVICE} 5000"),
        ];
        let all: Vec<&str> = own.iter().map(String::as_str).chain(lines.iter().copied()).collect();
        fs::write(&file, all.join("\n") + "\n")?;
        let mut command = Command::new(find("redis-server").context("redis-server is not installed")?);
        let mut daemon = Daemon::spawn(command.arg(&file).arg("--sentinel"), &folder.join("log"), STOP)?;
        let answers = || match cli(port, &["PING"]) {
            Ok(answer) => answer == "PONG",
            Err(error) => format!("{error:#}").contains("NOAUTH"),
        };
        daemon.wait_until(answers).context("it did not start")?;
        Ok(daemon)
    }

    fn process(&self) -> Process {
        self.daemon.process()
    }
}

/// One of the two servers by itself.
struct Watched {
    redis: Redis,
    name: &'static str,
    variables: Vec<(String, String)>,
}

impl Server for Watched {
    fn record(&self) -> Record {
        self.redis.describe(Service::RedisSentinel, self.name.to_owned(), &self.variables)
    }
}

/// One of the Sentinels by itself.
struct Watcher {
    sentinel: Sentinel,
    name: String,
}

impl Server for Watcher {
    fn record(&self) -> Record {
        let Sentinel { folder, port, directory, .. } = &self.sentinel;
        let ca = (crate::services::CA_VARIABLE.to_owned(), directory.ca().display().to_string());
        Record {
            service: Service::RedisSentinel,
            name: self.name.clone(),
            process: self.sentinel.process(),
            port: *port,
            data: folder.clone(),
            variables: [ca].into(),
        }
    }
}
