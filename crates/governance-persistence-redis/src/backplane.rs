//! The backplane: what it is asked, handed on to those who do it.

use crate::RedisOptions;
use crate::connect::{self, Durability};
use crate::error;
use crate::keys::Layout;
use crate::link::{Command, Does};
use crate::reindex::{Reindex, Reindexed};
use crate::store::Store;
use async_trait::async_trait;
use governance_persistence::{
    Backplane, Commit, CommitId, Consistency, Ephemeral, EphemeralId, EphemeralItem, EphemeralKind, ExperimentKey,
    ExperimentsQuery, Head, HistoryQuery, Json, LogEntry, LookUp, Page, PageSize, Receipt, Record, Recorded,
    Replicated, Result, Sequence, TimeToLive, check_ephemeral_value,
};

/// A backplane that keeps governance state in Redis.
///
/// ```no_run
/// use governance_persistence::{BackplaneExt, Expected, ExperimentKey, LifecycleState, StateChange};
/// use governance_persistence_redis::{RedisBackplane, RedisOptions};
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let backplane = RedisBackplane::connect(&RedisOptions::new("redis://localhost:6379/0")?).await?;
/// println!("{}", backplane.durability());
///
/// let key = ExperimentKey::new("checkout")?;
/// let draft = StateChange::to(LifecycleState::Draft).by("alice");
/// backplane.save_experiment_state(&key, draft, Expected::Absent).await?;
/// # Ok::<(), governance_persistence::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RedisBackplane {
    store: Store,
    durability: Durability,
}

impl RedisBackplane {
    /// Connects, and checks the server: its version, what it does when it is full, and by a commit to a key that is
    /// removed again whether the user has the rights that are needed.
    ///
    /// # Errors
    ///
    /// [`Invalid`](governance_persistence::Error::Invalid) when user and password are refused;
    /// [`Unsupported`](governance_persistence::Error::Unsupported) when it is not Redis 6.2 or later, removes keys
    /// when it is full, or the user may not do what is needed;
    /// [`Unavailable`](governance_persistence::Error::Unavailable) when it cannot be reached, or only reads.
    pub async fn connect(options: &RedisOptions) -> Result<Self> {
        let (link, durability) = connect::connect(options).await?;
        Ok(Self { store: Store::new(link, Layout::new(options.get_prefix())), durability })
    }

    /// What an acknowledged commit survives, as the server was set up when the backplane connected.
    pub fn durability(&self) -> &Durability {
        &self.durability
    }

    /// Brings the listing of experiments in line with the experiments: those that have history and are not listed
    /// are added, and what is listed and has none is removed. Others may write meanwhile. `progress` is told
    /// again and again how far it has come.
    ///
    /// Readers find experiments by the listing alone, and nothing but a foreign hand, a restored backup or a writer
    /// that died between two commands makes it differ. No history is written.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](governance_persistence::Error::Unavailable) when a server cannot be reached, or slots of a
    /// cluster moved all the time; [`Unsupported`](governance_persistence::Error::Unsupported) when the user may
    /// not scan. What was done until then is right, and it can be done again.
    pub async fn reindex(&self, how: Reindex, progress: impl FnMut(&Reindexed) + Send) -> Result<Reindexed> {
        let _open = self.store.gate.enter().await?;
        self.store.reindex(how, progress).await
    }
}

#[async_trait]
impl Backplane for RedisBackplane {
    async fn commit(&self, commit: &Commit) -> Result<Receipt> {
        let _open = self.store.gate.enter().await?;
        self.store.commit(commit).await
    }

    async fn replicate(&self, entry: &LogEntry) -> Result<Replicated> {
        let _open = self.store.gate.enter().await?;
        entry.verify()?;
        self.store.replicate(entry).await
    }

    async fn entry(&self, key: &ExperimentKey, id: CommitId, _: Consistency) -> Result<Option<LogEntry>> {
        let _open = self.store.gate.enter().await?;
        self.store.entry(key, id).await
    }

    async fn head(&self, key: &ExperimentKey, _: Consistency) -> Result<Head> {
        let _open = self.store.gate.enter().await?;
        self.store.head(key).await
    }

    async fn log(
        &self,
        key: &ExperimentKey,
        after: Sequence,
        limit: PageSize,
        _: Consistency,
    ) -> Result<Vec<LogEntry>> {
        let _open = self.store.gate.enter().await?;
        self.store.log(key, after, limit).await
    }

    async fn history(
        &self,
        key: &ExperimentKey,
        query: &HistoryQuery,
        _: Consistency,
    ) -> Result<Page<Recorded<Record>>> {
        let _open = self.store.gate.enter().await?;
        self.store.history(key, query).await
    }

    async fn look_up(&self, key: &ExperimentKey, look_up: LookUp<'_>, _: Consistency) -> Result<Vec<Recorded<Record>>> {
        let _open = self.store.gate.enter().await?;
        self.store.look_up(key, look_up).await
    }

    async fn experiments(&self, query: &ExperimentsQuery, _: Consistency) -> Result<Page<Head>> {
        let _open = self.store.gate.enter().await?;
        self.store.experiments(query).await
    }

    fn ephemeral(&self) -> &dyn Ephemeral {
        self
    }

    async fn ping(&self) -> Result<()> {
        let _open = self.store.gate.enter().await?;
        let answer = self.store.link.send(Command::anywhere("PING", &[]), Does::Read).await;
        answer.map(|_| ()).map_err(|failure| error::of("pinging", failure, Does::Read))
    }

    async fn close(&self) -> Result<()> {
        if self.store.gate.close().await {
            self.store.link.close().await;
        }
        Ok(())
    }
}

#[async_trait]
impl Ephemeral for RedisBackplane {
    async fn put(
        &self,
        key: &ExperimentKey,
        kind: &EphemeralKind,
        id: &EphemeralId,
        value: &Json,
        time_to_live: TimeToLive,
    ) -> Result<()> {
        check_ephemeral_value(value)?;
        let _open = self.store.gate.enter().await?;
        self.store.put(key, kind, id, value, time_to_live).await
    }

    async fn get(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<Option<EphemeralItem>> {
        let _open = self.store.gate.enter().await?;
        self.store.get(key, kind, id).await
    }

    async fn list(&self, key: &ExperimentKey, kind: &EphemeralKind) -> Result<Vec<EphemeralItem>> {
        let _open = self.store.gate.enter().await?;
        self.store.list_ephemerals(key, kind).await
    }

    async fn remove(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<bool> {
        let _open = self.store.gate.enter().await?;
        self.store.remove(key, kind, id).await
    }
}
