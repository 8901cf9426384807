//! One connection of ours: to a server, or to each server of a cluster. It is made again whenever it is lost.

use super::Failure;
use super::client::{Router, keep_connected};
use crate::RedisOptions;
use fred::clients::Client;
use fred::interfaces::{ClientLike, EventInterface};
use futures_util::FutureExt;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// A client, and the task that keeps it connected.
pub(super) struct Connection {
    current: Arc<Current>,
    keeper: AbortHandle,
}

/// The client of now. One that is stuck is replaced.
struct Current {
    installed: watch::Sender<Installed>,
    /// How many clients are known to be stuck: all of a lower number. What is told of those again changes nothing.
    stuck: watch::Sender<u64>,
    /// Something went wrong since the client was last found to have a connection. For a while after it was lost, the client
    /// says that it has one.
    doubtful: AtomicBool,
}

/// A client, and how many there were before it.
#[derive(Clone)]
struct Installed {
    client: Client,
    number: u64,
}

impl Connection {
    pub(super) async fn open(options: &RedisOptions) -> Result<Self, Failure> {
        let (client, router) = keep_connected(options).await?;
        let current = Arc::new(Current {
            installed: watch::Sender::new(Installed { client, number: 0 }),
            stuck: watch::Sender::new(0),
            doubtful: AtomicBool::new(false),
        });
        let keeper = tokio::spawn(keep(current.clone(), router, options.clone())).abort_handle();
        Ok(Self { current, keeper })
    }

    /// The client, and the number by which it can be reported as stuck.
    pub(super) fn client(&self) -> (Client, u64) {
        self.current.client()
    }

    /// Has the client its connection, as far as is known?
    pub(super) fn is_connected(&self, client: &Client) -> bool {
        self.current.is_connected(client)
    }

    /// A client that is connected. When there is none now, one is waited for; none if that takes too long.
    pub(super) async fn connected(&self, patience: Duration) -> Option<(Client, u64)> {
        let mut installed = self.current.installed.subscribe();
        let connected = async {
            loop {
                let Installed { client, number } = installed.borrow_and_update().clone();
                let (mut back, mut failed) = (client.reconnect_rx(), client.error_rx());
                let mut again = pin!(client.wait_for_connect());
                // Asked once, it listens, so that what comes after the next look is heard. If it says that there is a
                // connection, that may be the one that was lost.
                let says_so = (&mut again).now_or_never().is_some();
                if self.is_connected(&client) {
                    return (client.clone(), number);
                }
                tokio::select! {
                    _ = again, if !says_so => {}
                    _ = back.recv(), if says_so => {}
                    _ = failed.recv(), if says_so => {}
                    // The sender is kept here.
                    _ = installed.changed() => {}
                }
            }
        };
        timeout(patience, connected).await.ok()
    }

    /// Has the client of this number replaced, if it has not been.
    pub(super) fn is_stuck(&self, number: u64) {
        self.current.stuck.send_if_modified(|stuck| {
            let is_news = *stuck <= number;
            *stuck = (*stuck).max(number + 1);
            is_news
        });
    }

    pub(super) async fn close(&self, patience: Duration) {
        let (client, _) = self.client();
        // Without a connection there is nobody to say goodbye to.
        let _ = timeout(patience, client.quit()).await;
        self.keeper.abort();
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

impl Current {
    fn client(&self) -> (Client, u64) {
        let installed = self.installed.borrow();
        (installed.client.clone(), installed.number)
    }

    fn is_connected(&self, client: &Client) -> bool {
        if !client.is_connected() {
            return false;
        }
        if !self.doubtful.load(Ordering::Relaxed) {
            return true;
        }
        let is_there = !client.active_connections().is_empty();
        self.doubtful.store(!is_there, Ordering::Relaxed);
        is_there
    }
}

/// Makes a new client whenever the old one has given up, does not get over the loss of a server of a cluster, or leads to
/// a server that does not write any more.
async fn keep(current: Arc<Current>, mut router: Router, options: RedisOptions) {
    let mut stuck = current.stuck.subscribe();
    let mut rested = Instant::now();
    for number in 0.. {
        let (client, _) = current.client();
        let mut failed = client.error_rx();
        loop {
            tokio::select! {
                ended = &mut router.0 => if matches!(ended, Ok(Ok(()))) { return } else { break },
                // Who reports has the sender.
                _ = stuck.wait_for(|stuck| *stuck > number) => break,
                Ok(_) = failed.recv() => current.doubtful.store(true, Ordering::Relaxed),
            }
        }
        // A server that only reads says so to every write, and its address may lead to no other for a long time.
        sleep_until(rested).await;
        let (client, next) = loop {
            if let Ok(connected) = keep_connected(&options).await {
                break connected;
            }
            sleep(options.get_max_reconnect_delay()).await;
        };
        rested = Instant::now() + options.get_max_reconnect_delay();
        let old = current.installed.send_replace(Installed { client, number: number + 1 });
        let before = std::mem::replace(&mut router, next);
        tokio::spawn(retire(old.client, before, options.get_command_timeout()));
    }
}

/// Says goodbye to a client that was replaced. What it still waits for may be answered: by a server that only reads, or by
/// the others of a cluster.
async fn retire(client: Client, router: Router, patience: Duration) {
    let _ = timeout(patience, client.quit()).await;
    drop(router);
}
