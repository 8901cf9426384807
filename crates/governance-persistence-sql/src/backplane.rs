//! The backplane: what it is asked, handed on to those who do it.

#[cfg(feature = "mysql")]
use crate::mysql;
#[cfg(feature = "postgres")]
use crate::postgres;
use crate::read::{Reader, Servers};
#[cfg(feature = "sqlite")]
use crate::sqlite;
use crate::writer::Writer;
use crate::{Migrate, Migrations, Provider, SqlOptions};
use async_trait::async_trait;
use governance_persistence::{
    Backplane, Commit, CommitId, Consistency, Ephemeral, EphemeralId, EphemeralItem, EphemeralKind, ExperimentKey,
    ExperimentsQuery, Head, HistoryQuery, Json, LogEntry, LookUp, Page, PageSize, Receipt, Record, Recorded,
    Replicated, Result, Sequence, TimeToLive, check_ephemeral_value,
};

/// A backplane that keeps governance state in a SQL database.
///
/// ```
/// use governance_persistence::{BackplaneExt, Expected, ExperimentKey, LifecycleState, StateChange};
/// use governance_persistence_sql::{Migrate, SqlBackplane, SqlOptions};
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// # let folder = tempfile::tempdir()?;
/// # let url = format!("sqlite:{}", folder.path().join("governance.db").display());
/// // let url = "sqlite:governance.db";
/// let backplane = SqlBackplane::connect(&SqlOptions::new(&url)?.migrate(Migrate::OnConnect)).await?;
///
/// let key = ExperimentKey::new("checkout")?;
/// let draft = StateChange::to(LifecycleState::Draft).by("alice");
/// backplane.save_experiment_state(&key, draft, Expected::Absent).await?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SqlBackplane {
    readers: Servers,
    writer: Writer,
}

impl SqlBackplane {
    /// Connects, and checks the schema; with [`Migrate::OnConnect`], brings it up to date first.
    ///
    /// # Errors
    ///
    /// [`Invalid`](governance_persistence::Error::Invalid) when the URL names no usable file;
    /// [`Unsupported`](governance_persistence::Error::Unsupported) when the schema is older or
    /// newer than this program; [`Unavailable`](governance_persistence::Error::Unavailable) when
    /// the database cannot be opened.
    pub async fn connect(options: &SqlOptions) -> Result<Self> {
        if options.get_migrate() == Migrate::OnConnect {
            Migrations::connect(options).await?.up(None).await?;
        }
        match options.provider() {
            #[cfg(feature = "sqlite")]
            Provider::Sqlite => {
                let sqlite::Connected { queue, readers, file } = sqlite::connect(options).await?;
                let readers = Servers::file(Reader::of_file(readers, file));
                Ok(Self { readers, writer: Writer::Sqlite(queue) })
            }
            #[cfg(feature = "postgres")]
            Provider::Postgres => {
                let postgres::Connected { writer, readers } = postgres::connect(options).await?;
                Ok(Self { readers, writer: Writer::Postgres(writer) })
            }
            #[cfg(feature = "mysql")]
            Provider::Mysql => {
                let mysql::Connected { writer, readers } = mysql::connect(options).await?;
                Ok(Self { readers, writer: Writer::Mysql(writer) })
            }
            #[cfg(not(all(feature = "mysql", feature = "postgres", feature = "sqlite")))]
            other => Err(other.not_built()),
        }
    }
}

#[async_trait]
impl Backplane for SqlBackplane {
    async fn commit(&self, commit: &Commit) -> Result<Receipt> {
        self.writer.commit(commit).await
    }

    async fn replicate(&self, entry: &LogEntry) -> Result<Replicated> {
        entry.verify()?;
        self.writer.replicate(entry).await
    }

    async fn entry(&self, key: &ExperimentKey, id: CommitId, consistency: Consistency) -> Result<Option<LogEntry>> {
        self.readers.read(consistency, |reader| reader.entry(key, id)).await
    }

    async fn head(&self, key: &ExperimentKey, consistency: Consistency) -> Result<Head> {
        self.readers.read(consistency, |reader| reader.head(key)).await
    }

    async fn log(
        &self,
        key: &ExperimentKey,
        after: Sequence,
        limit: PageSize,
        consistency: Consistency,
    ) -> Result<Vec<LogEntry>> {
        self.readers.read(consistency, |reader| reader.log(key, after, limit)).await
    }

    async fn history(
        &self,
        key: &ExperimentKey,
        query: &HistoryQuery,
        consistency: Consistency,
    ) -> Result<Page<Recorded<Record>>> {
        self.readers.read(consistency, |reader| reader.history(key, query)).await
    }

    async fn look_up(
        &self,
        key: &ExperimentKey,
        look_up: LookUp<'_>,
        consistency: Consistency,
    ) -> Result<Vec<Recorded<Record>>> {
        self.readers.read(consistency, |reader| reader.look_up(key, look_up)).await
    }

    async fn experiments(&self, query: &ExperimentsQuery, consistency: Consistency) -> Result<Page<Head>> {
        self.readers.read(consistency, |reader| reader.experiments(query)).await
    }

    fn ephemeral(&self) -> &dyn Ephemeral {
        self
    }

    async fn ping(&self) -> Result<()> {
        self.writer.check()?;
        self.readers.read(Consistency::Strong, Reader::ping).await
    }

    async fn close(&self) -> Result<()> {
        self.writer.close().await;
        self.readers.close().await;
        Ok(())
    }
}

#[async_trait]
impl Ephemeral for SqlBackplane {
    async fn put(
        &self,
        key: &ExperimentKey,
        kind: &EphemeralKind,
        id: &EphemeralId,
        value: &Json,
        time_to_live: TimeToLive,
    ) -> Result<()> {
        check_ephemeral_value(value)?;
        self.writer.put(key, kind, id, value, time_to_live).await
    }

    async fn get(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<Option<EphemeralItem>> {
        self.readers.read(Consistency::Strong, |reader| reader.get_ephemeral(key, kind, id)).await
    }

    async fn list(&self, key: &ExperimentKey, kind: &EphemeralKind) -> Result<Vec<EphemeralItem>> {
        self.readers.read(Consistency::Strong, |reader| reader.list_ephemerals(key, kind)).await
    }

    async fn remove(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<bool> {
        self.writer.remove(key, kind, id).await
    }
}
