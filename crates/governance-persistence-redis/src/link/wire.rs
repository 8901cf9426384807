//! One connection that is not made again: what is sent on it after an answer went to the server that gave that
//! answer, and nowhere else.

use super::client::connect_once;
use super::{Command, Failure, Reply, leads_to_a_replica};
use crate::RedisOptions;
use fred::clients::Client;
use fred::interfaces::ClientLike;
use fred::types::config::{Options, ServerConfig};
use fred::types::{ClusterHash, CustomCommand};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// The connection. Dropped, it is cut.
pub(super) struct Wire {
    client: Client,
    ended: watch::Receiver<bool>,
    /// Nothing is to be sent on it any more.
    spoilt: AtomicBool,
    watcher: AbortHandle,
}

impl Wire {
    pub(super) async fn open(options: &RedisOptions, server: ServerConfig) -> Result<Self, Failure> {
        let (client, mut router) = connect_once(options, server).await?;
        let (end, ended) = watch::channel(false);
        let watcher = tokio::spawn(async move {
            // How it ended does not matter: each answer that is missing is lost.
            let _ = (&mut router.0).await;
            end.send_replace(true);
        });
        Ok(Self { client, ended, spoilt: AtomicBool::new(false), watcher: watcher.abort_handle() })
    }

    pub(super) fn is_open(&self) -> bool {
        !*self.ended.borrow() && !self.spoilt.load(Ordering::SeqCst)
    }

    /// Sends a command, and waits for its reply for so long.
    pub(super) async fn send(&self, command: Command, patience: Duration) -> Result<Reply, Failure> {
        let name = CustomCommand::new_static(command.name, ClusterHash::Random, false);
        let options = Options { timeout: Some(patience), ..Options::default() };
        let client = self.client.with_options(&options);
        let mut ended = self.ended.clone();
        let reply = tokio::select! {
            // What was answered before the end counts.
            biased;
            frame = client.custom_raw(name, command.arguments) => frame.map_err(Failure::of_client).and_then(Reply::of_frame),
            _ = ended.wait_for(|ended| *ended) => {
                Err(Failure::Lost("the connection was lost".to_owned(), "it ended before the reply".into()))
            }
        };
        if reply.as_ref().is_err_and(Failure::is_about_the_connection) || leads_to_a_replica(&reply) {
            self.spoilt.store(true, Ordering::SeqCst);
        }
        reply
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.watcher.abort();
    }
}
