//! Writes that wait for replicas. A lane is a connection that carries nothing else: it sends all that has come, then
//! one `WAIT`, which holds for what was written before it on the same connection. What finds there what it would write, as
//! a replay does, writes nothing; servers such as Redis 8 would not wait then. So a mark is written before each `WAIT`.

use super::wire::Wire;
use super::{Command, Failure, Reply};
use crate::RedisOptions;
use bytes::Bytes;
use fred::types::config::ServerConfig;
use futures_util::future::{join, join_all};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout_at};

/// How much is sent before one `WAIT`, at most.
const LARGEST_BATCH: usize = 128;

/// What is written: a command, and the one to send to a server that does not know the script of the first.
#[derive(Clone)]
pub(super) struct Work {
    pub(super) first: Command,
    pub(super) in_full: Option<Command>,
}

/// The reply to what was written.
pub(crate) struct Written {
    reply: Reply,
    /// Nobody to ask: it counts without replicas.
    replicas: Option<oneshot::Receiver<Result<(), Failure>>>,
}

impl Written {
    pub(super) fn without_replicas(reply: Reply) -> Self {
        Self { reply, replicas: None }
    }

    /// What the server answered.
    pub(crate) fn take_reply(&mut self) -> Reply {
        std::mem::replace(&mut self.reply, Reply::Nil)
    }

    /// Waits until as many replicas have it as were asked for. Who finds in the reply that nothing was written need
    /// not wait.
    pub(crate) async fn confirm(self) -> Result<(), Failure> {
        let Some(replicas) = self.replicas else { return Ok(()) };
        let closed = |error| Failure::Lost("the connection was closed".to_owned(), Box::new(error));
        replicas.await.map_err(closed)?
    }
}

/// A lane. Dropped, it ends.
pub(super) struct Lane {
    jobs: mpsc::UnboundedSender<Job>,
    task: AbortHandle,
}

struct Job {
    work: Work,
    /// Taken to be sent, or given up by who waited: whoever comes first.
    taken: Arc<AtomicBool>,
    answer: oneshot::Sender<Result<Written, Failure>>,
}

/// Says whether it was the first.
fn take(taken: &AtomicBool) -> bool {
    !taken.swap(true, Ordering::SeqCst)
}

impl Lane {
    /// A lane to this server. It connects when there is something to write.
    pub(super) fn to(server: ServerConfig, options: &RedisOptions) -> Self {
        let (jobs, queue) = mpsc::unbounded_channel();
        let task = tokio::spawn(Carrier { server, options: options.clone() }.carry(queue)).abort_handle();
        Self { jobs, task }
    }

    /// Writes, if its turn comes before this instant. What was sent has its own limits, those of the connection.
    pub(super) async fn write(&self, work: Work, deadline: Instant) -> Result<Written, Failure> {
        let (answer, mut answered) = oneshot::channel();
        let taken = Arc::new(AtomicBool::new(false));
        let unsent = |_| Failure::NotSent("the connection was closed".to_owned(), "it takes no more".into());
        self.jobs.send(Job { work, taken: taken.clone(), answer }).map_err(unsent)?;
        let answered = match timeout_at(deadline, &mut answered).await {
            Ok(answer) => answer,
            Err(elapsed) if take(&taken) => {
                return Err(Failure::NotSent("its turn did not come in time".to_owned(), Box::new(elapsed)));
            }
            Err(_) => answered.await,
        };
        answered.map_err(|error| Failure::Lost("the connection was closed".to_owned(), Box::new(error)))?
    }
}

impl Lane {
    /// Ends it, and cuts its connection.
    pub(super) fn close(&self) {
        self.task.abort();
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.close();
    }
}

/// Carries out what comes in.
struct Carrier {
    server: ServerConfig,
    options: RedisOptions,
}

impl Carrier {
    async fn carry(self, mut queue: mpsc::UnboundedReceiver<Job>) {
        let mut kept: Option<Wire> = None;
        let mut batch = Vec::new();
        while queue.recv_many(&mut batch, LARGEST_BATCH).await > 0 {
            let wire = match kept.take().filter(Wire::is_open) {
                Some(wire) => Ok(wire),
                None => Wire::open(&self.options, self.server.clone()).await,
            };
            match wire {
                Ok(wire) => {
                    self.write(&wire, &mut batch).await;
                    kept = Some(wire);
                }
                Err(failure) => {
                    let text = failure.to_string();
                    for job in batch.drain(..) {
                        let _ = job.answer.send(Err(failure.like(&text)));
                    }
                }
            }
        }
    }

    /// Sends a batch, hands out the replies, waits for the replicas, and tells those who want to know.
    async fn write(&self, wire: &Wire, batch: &mut Vec<Job>) {
        let sent = batch.drain(..).filter(|job| take(&job.taken)).map(|Job { work, answer, .. }| async move {
            let key = work.first.key().cloned();
            let reply = self.send(wire, work).await;
            let (confirm, replicas) = oneshot::channel();
            let written = reply.map(|reply| Written { reply, replicas: Some(replicas) });
            let _ = answer.send(written);
            (key, confirm)
        });
        let mut waiting = join_all(sent).await;
        // Who was refused, or found that nothing was written, does not wait.
        waiting.retain(|(_, confirm)| !confirm.is_closed());
        let Some(key) = waiting.iter().find_map(|(key, _)| key.clone()) else { return };
        let shortage = self.wait(wire, &key).await.err();
        for (_, confirm) in waiting {
            // Whatever the reason, it was written, and it is not known what of it stays.
            let outcome = shortage
                .as_ref()
                .map_or(Ok(()), |text| Err(Failure::Lost(text.clone(), "the replicas did not confirm it".into())));
            let _ = confirm.send(outcome);
        }
    }

    async fn send(&self, wire: &Wire, work: Work) -> Result<Reply, Failure> {
        let patience = self.options.get_command_timeout();
        match (wire.send(work.first, patience).await, work.in_full) {
            (Err(failure), Some(in_full)) if failure.is_unknown_script() => wire.send(in_full, patience).await,
            (reply, _) => reply,
        }
    }

    /// Waits until the replicas have all that was sent on this connection, and what the server had before it. `key` is one
    /// of those that were written to.
    async fn wait(&self, wire: &Wire, key: &[u8]) -> Result<(), String> {
        let (wanted, limit) = (self.options.get_wait_replicas(), self.options.get_wait_timeout());
        let numbers = [wanted.to_string(), limit.as_millis().to_string()].map(Bytes::from);
        let patience = self.options.get_command_timeout();
        // It goes at once, here and on the replicas.
        let mark =
            [mark(self.options.get_prefix(), key), Bytes::new(), Bytes::from_static(b"PX"), Bytes::from_static(b"1")];
        let marked = wire.send(Command::on("SET", mark), patience);
        let (marked, waited) = join(marked, wire.send(Command::on("WAIT", numbers), limit + patience)).await;
        match marked.and(waited) {
            Ok(reply) => match reply.integer().and_then(|number| usize::try_from(number).ok()) {
                Some(number) if number >= wanted => Ok(()),
                Some(number) => Err(shortage(number, wanted, limit)),
                None => Err("the server's answer to WAIT is no number".to_owned()),
            },
            Err(failure) => Err(format!("waiting for replicas: {failure}")),
        }
    }
}

/// The key of a mark, in the slot of `key`: that of its braces, or of the whole of it.
fn mark(prefix: &str, key: &[u8]) -> Bytes {
    let tag = match (key.iter().position(|byte| *byte == b'{'), key.iter().position(|byte| *byte == b'}')) {
        (Some(open), Some(close)) if open < close => &key[open + 1..close],
        _ => key,
    };
    [prefix.as_bytes(), b"{", tag, b"}:mark"].concat().into()
}

fn shortage(number: usize, wanted: usize, limit: Duration) -> String {
    format!(
        "it was written, but {number} of the {wanted} replicas of waitReplicas had it after {limit:?} (waitTimeout)"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_in_the_slot_of_its_key_and_under_the_prefix() {
        assert_eq!(mark("p:", b"p:{t/e/n}:head"), "p:{t/e/n}:mark");
        assert_eq!(mark("p:", b"p:experiments"), "p:{p:experiments}:mark");
    }
}
