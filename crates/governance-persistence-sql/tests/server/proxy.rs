//! A proxy between client and server, in this process, that cuts a connection after so many bytes, or
//! lets nothing pass any more.

use crate::place::Place;
use governance_persistence_sql::{Migrate, SqlOptions};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// One of the two streams of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    ToServer,
    ToClient,
}

/// What a connection may still send before it is cut.
#[derive(Debug, Default)]
struct Rules {
    /// How much may pass that way from now on; `None` for all.
    cut: Mutex<Option<(Way, usize)>>,
    passed: [AtomicUsize; 2],
    cuts: AtomicUsize,
    /// How many connections there were, and how many of them, the first ones, are frozen.
    connections: AtomicUsize,
    frozen: AtomicUsize,
    ended: AtomicUsize,
    /// Ends all connections that there are.
    end: Notify,
}

/// The proxy, as long as it is kept.
pub(crate) struct Proxy {
    address: SocketAddr,
    rules: Arc<Rules>,
    task: tokio::task::JoinHandle<()>,
}

impl Proxy {
    /// One before the server of a place, and how to connect by it.
    pub(crate) async fn before(place: &Place) -> (Self, SqlOptions) {
        let url = place.url();
        let (_, host) = url.split_once('@').unwrap();
        let server: SocketAddr = host.split('/').next().unwrap().parse().unwrap();
        let proxy = Self::start(server).await;
        let options = SqlOptions::new(&url.replace(&server.to_string(), &proxy.address.to_string())).unwrap();
        (proxy, options.migrate(Migrate::OnConnect))
    }

    /// Listens, and connects each client to `server`.
    async fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let (address, rules) = (listener.local_addr().unwrap(), Arc::new(Rules::default()));
        let shared = rules.clone();
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connect(client, server, shared.clone()));
            }
        });
        Self { address, rules, task }
    }

    /// Cuts the next connection that has sent so many bytes more this way. The last of them arrives.
    pub(crate) fn cut_after(&self, way: Way, bytes: usize) {
        *self.rules.cut.lock().unwrap() = Some((way, bytes));
    }

    /// Cuts nothing any more.
    pub(crate) fn heal(&self) {
        *self.rules.cut.lock().unwrap() = None;
    }

    /// From now on nothing passes on the connections that there are, and nobody is told. Tells how many they are.
    pub(crate) fn freeze(&self) -> usize {
        let connections = self.rules.connections.load(Ordering::SeqCst);
        self.rules.frozen.store(connections, Ordering::SeqCst);
        connections
    }

    /// How many connections there were, and how many of them there still are.
    pub(crate) fn connections(&self) -> (usize, usize) {
        let ended = self.rules.ended.load(Ordering::SeqCst);
        let all = self.rules.connections.load(Ordering::SeqCst);
        (all, all - ended)
    }

    /// How many bytes have gone this way.
    pub(crate) fn passed(&self, way: Way) -> usize {
        self.rules.passed[way as usize].load(Ordering::SeqCst)
    }

    /// How many connections were cut.
    pub(crate) fn cuts(&self) -> usize {
        self.rules.cuts.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
        self.rules.end.notify_waiters();
    }
}

/// Both ways of a connection, until one of them ends. Then both do.
async fn connect(client: TcpStream, server: SocketAddr, rules: Arc<Rules>) {
    let number = rules.connections.fetch_add(1, Ordering::SeqCst);
    relay(client, server, number, &rules).await;
    rules.ended.fetch_add(1, Ordering::SeqCst);
}

async fn relay(client: TcpStream, server: SocketAddr, number: usize, rules: &Rules) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = pass(Way::ToServer, number, from_client, to_server, rules) => {}
        () = pass(Way::ToClient, number, from_server, to_client, rules) => {}
        () = rules.end.notified() => {}
    }
}

async fn pass(way: Way, number: usize, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, rules: &Rules) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if number < rules.frozen.load(Ordering::SeqCst) {
            continue;
        }
        let allowed = allowed(way, read, rules);
        if to.write_all(&buffer[..allowed]).await.is_err() {
            return;
        }
        rules.passed[way as usize].fetch_add(allowed, Ordering::SeqCst);
        if allowed < read {
            rules.cuts.fetch_add(1, Ordering::SeqCst);
            return;
        }
    }
}

/// How much of what was read may pass.
fn allowed(way: Way, read: usize, rules: &Rules) -> usize {
    let mut cut = rules.cut.lock().unwrap();
    match &mut *cut {
        Some((cut_way, left)) if *cut_way == way => {
            if *left < read {
                let allowed = *left;
                // One cut is one fault: whoever connects then is served.
                *cut = None;
                allowed
            } else {
                *left -= read;
                read
            }
        }
        _ => read,
    }
}
