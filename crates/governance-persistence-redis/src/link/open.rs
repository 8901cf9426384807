//! One connection of ours: to a server, or to each server of a cluster. It is made again whenever it is lost.

use super::Failure;
use super::client::{Router, keep_connected};
use crate::RedisOptions;
use fred::clients::Client;
use fred::interfaces::ClientLike;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

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

impl Connection {
    pub(super) async fn open(options: &RedisOptions) -> Result<Self, Failure> {
        let (client, router) = keep_connected(options).await?;
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
            if let Ok((client, router)) = keep_connected(&options).await {
                *current.client.write().unwrap_or_else(PoisonError::into_inner) = client;
                break router;
            }
            sleep(options.get_max_reconnect_delay()).await;
        };
    }
}
