//! One connection of ours: to a server, or to each server of a cluster. It is made again whenever it is lost.

use super::Failure;
use super::client::{Router, keep_connected};
use crate::RedisOptions;
use fred::clients::Client;
use fred::interfaces::ClientLike;
use futures_util::FutureExt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

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
        });
        let keeper = tokio::spawn(keep(current.clone(), router, options.clone())).abort_handle();
        Ok(Self { current, keeper })
    }

    /// The client, and the number by which it can be reported as stuck.
    pub(super) fn client(&self) -> (Client, u64) {
        let installed = self.current.installed.borrow();
        (installed.client.clone(), installed.number)
    }

    /// A client that is connected. When there is none now, one is waited for; none if that takes too long.
    pub(super) async fn connected(&self, patience: Duration) -> Option<(Client, u64)> {
        let mut installed = self.current.installed.subscribe();
        let connected = async {
            loop {
                let Installed { client, number } = installed.borrow_and_update().clone();
                let mut again = pin!(client.wait_for_connect());
                // Asked once, it listens, so that what comes after the second look is heard.
                if (&mut again).now_or_never().is_some() || client.is_connected() {
                    return (client.clone(), number);
                }
                tokio::select! {
                    _ = again => {}
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

/// Makes a new client whenever the old one has given up, does not get over the loss of a server of a cluster, or leads to
/// a server that does not write any more.
async fn keep(current: Arc<Current>, mut router: Router, options: RedisOptions) {
    let mut stuck = current.stuck.subscribe();
    for number in 0.. {
        tokio::select! {
            ended = &mut router.0 => if matches!(ended, Ok(Ok(()))) { return },
            // Who reports has the sender.
            _ = stuck.wait_for(|stuck| *stuck > number) => {}
        }
        let (client, next) = loop {
            if let Ok(connected) = keep_connected(&options).await {
                break connected;
            }
            sleep(options.get_max_reconnect_delay()).await;
        };
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
