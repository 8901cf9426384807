//! A proxy between client and server, in this process, that cuts a connection after so many bytes.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// One of the two streams of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    ToServer,
    ToClient,
}

struct Rules {
    /// Where new connections lead.
    server: Mutex<SocketAddr>,
    /// How much may still pass which way before the connection is cut; `None` for all.
    cut: Mutex<Option<(Way, usize)>>,
    passed: [AtomicUsize; 2],
    cuts: AtomicUsize,
}

/// The proxy, as long as it is kept.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    rules: Arc<Rules>,
    task: tokio::task::JoinHandle<()>,
}

impl Proxy {
    /// Listens, and connects each client to `server`.
    pub(crate) async fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let rules =
            Rules { server: Mutex::new(server), cut: Mutex::default(), passed: Default::default(), cuts: 0.into() };
        let (address, rules) = (listener.local_addr().unwrap(), Arc::new(rules));
        let shared = rules.clone();
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = *shared.server.lock().unwrap();
                tokio::spawn(connect(client, server, shared.clone()));
            }
        });
        Self { address, rules, task }
    }

    /// Connects clients to another server from now on; those that are connected stay where they are.
    pub(crate) fn lead_to(&self, server: SocketAddr) {
        *self.rules.server.lock().unwrap() = server;
    }

    /// Cuts the connection that has sent so many bytes more this way. The last of them arrives.
    pub(crate) fn cut_after(&self, way: Way, bytes: usize) {
        *self.rules.cut.lock().unwrap() = Some((way, bytes));
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
    }
}

/// Both ways of a connection, until one of them ends. Then both do.
async fn connect(client: TcpStream, server: SocketAddr, rules: Arc<Rules>) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    tokio::select! {
        () = pass(Way::ToServer, from_client, to_server, &rules) => {}
        () = pass(Way::ToClient, from_server, to_client, &rules) => {}
    }
}

async fn pass(way: Way, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, rules: &Rules) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let Ok(read @ 1..) = from.read(&mut buffer).await else { return };
        let (allowed, is_cut) = {
            let mut cut = rules.cut.lock().unwrap();
            match *cut {
                Some((at, left)) if at == way && left < read => {
                    *cut = None;
                    (left, true)
                }
                Some((at, left)) if at == way => {
                    *cut = Some((at, left - read));
                    (read, false)
                }
                _ => (read, false),
            }
        };
        if to.write_all(&buffer[..allowed]).await.is_err() {
            return;
        }
        rules.passed[way as usize].fetch_add(allowed, Ordering::SeqCst);
        if is_cut {
            rules.cuts.fetch_add(1, Ordering::SeqCst);
            return;
        }
    }
}
