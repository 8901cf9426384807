//! A backplane that stops before a call that the test names, until the test lets it go on, or loses a reply:
//! forces interleavings without waiting for time to pass. It also remembers what it was called for.

use async_trait::async_trait;
use governance_persistence::{
    Backplane, Commit, CommitId, Consistency, Ephemeral, Error, ExperimentKey, ExperimentsQuery, Head, HistoryQuery,
    LogEntry, LookUp, Page, PageSize, Receipt, Record, Recorded, Replicated, Result, Sequence,
};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;

/// The calls that can be stopped at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Head,
    Entry,
    Log,
    History,
    LookUp,
    Experiments,
    Commit,
}

#[derive(Debug)]
struct Barrier {
    call: Call,
    reached: oneshot::Sender<()>,
    go_on: oneshot::Receiver<()>,
}

#[derive(Debug)]
pub(crate) struct Stopping {
    inner: Arc<dyn Backplane>,
    barrier: Mutex<Option<Barrier>>,
    calls: Mutex<Vec<Call>>,
    loses_reply: AtomicBool,
}

/// The test's side of a stop.
#[derive(Debug)]
pub(crate) struct Stop {
    reached: oneshot::Receiver<()>,
    go_on: oneshot::Sender<()>,
}

impl Stop {
    /// Waits until somebody stands at the call.
    pub(crate) async fn reached(&mut self) {
        (&mut self.reached).await.expect("somebody comes to the call");
    }

    /// Lets them go on.
    pub(crate) fn go_on(self) {
        self.go_on.send(()).expect("somebody stands at the call");
    }
}

impl Stopping {
    pub(crate) fn new(inner: &Arc<dyn Backplane>) -> Arc<Self> {
        Arc::new(Self {
            inner: Arc::clone(inner),
            barrier: Mutex::new(None),
            calls: Mutex::new(Vec::new()),
            loses_reply: AtomicBool::new(false),
        })
    }

    /// The next such call stops, before it reaches the backplane; later ones do not.
    pub(crate) fn at(&self, call: Call) -> Stop {
        let (reached, has_reached) = oneshot::channel();
        let (go, go_on) = oneshot::channel();
        *self.barrier.lock().unwrap() = Some(Barrier { call, reached, go_on });
        Stop { reached: has_reached, go_on: go }
    }

    /// The next commit is applied, and its reply gets lost.
    pub(crate) fn lose_the_next_reply(&self) {
        self.loses_reply.store(true, Ordering::Relaxed);
    }

    /// The calls since the last time that this was asked, in order.
    pub(crate) fn calls(&self) -> Vec<Call> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }

    async fn stop_at(&self, call: Call) {
        self.calls.lock().unwrap().push(call);
        let barrier = self.barrier.lock().unwrap().take_if(|barrier| barrier.call == call);
        if let Some(Barrier { reached, go_on, .. }) = barrier {
            reached.send(()).expect("the test waits");
            go_on.await.expect("the test lets it go on");
        }
    }
}

#[async_trait]
impl Backplane for Stopping {
    async fn commit(&self, commit: &Commit) -> Result<Receipt> {
        self.stop_at(Call::Commit).await;
        let receipt = self.inner.commit(commit).await?;
        if self.loses_reply.swap(false, Ordering::Relaxed) {
            return Err(Error::unknown("the reply got lost", None));
        }
        Ok(receipt)
    }

    async fn replicate(&self, entry: &LogEntry) -> Result<Replicated> {
        self.inner.replicate(entry).await
    }

    async fn entry(&self, key: &ExperimentKey, id: CommitId, consistency: Consistency) -> Result<Option<LogEntry>> {
        self.stop_at(Call::Entry).await;
        self.inner.entry(key, id, consistency).await
    }

    async fn head(&self, key: &ExperimentKey, consistency: Consistency) -> Result<Head> {
        self.stop_at(Call::Head).await;
        self.inner.head(key, consistency).await
    }

    async fn log(
        &self,
        key: &ExperimentKey,
        after: Sequence,
        limit: PageSize,
        consistency: Consistency,
    ) -> Result<Vec<LogEntry>> {
        self.stop_at(Call::Log).await;
        self.inner.log(key, after, limit, consistency).await
    }

    async fn history(
        &self,
        key: &ExperimentKey,
        query: &HistoryQuery,
        consistency: Consistency,
    ) -> Result<Page<Recorded<Record>>> {
        self.stop_at(Call::History).await;
        self.inner.history(key, query, consistency).await
    }

    async fn look_up(
        &self,
        key: &ExperimentKey,
        look_up: LookUp<'_>,
        consistency: Consistency,
    ) -> Result<Vec<Recorded<Record>>> {
        self.stop_at(Call::LookUp).await;
        self.inner.look_up(key, look_up, consistency).await
    }

    async fn experiments(&self, query: &ExperimentsQuery, consistency: Consistency) -> Result<Page<Head>> {
        self.stop_at(Call::Experiments).await;
        self.inner.experiments(query, consistency).await
    }

    fn ephemeral(&self) -> &dyn Ephemeral {
        self.inner.ephemeral()
    }

    async fn ping(&self) -> Result<()> {
        self.inner.ping().await
    }

    async fn close(&self) -> Result<()> {
        self.inner.close().await
    }
}
