//! How a connection is opened, and for how long it is good.

use super::Engine;
use crate::{Provider, SqlOptions};
use deadpool::managed::{self, Metrics, Object, RecycleError, RecycleResult, WeakPool};
use futures_util::future::{BoxFuture, join_all};
use sqlx::Connection;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// After so long without work a connection may have been cut, by a restart or a firewall; so it is asked
/// before it is used. Asking each time would make two round trips of every read.
const IDLE: Duration = Duration::from_secs(1);

/// How long a connection to a server is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keeping {
    /// Without work.
    idle: Duration,
    /// At all.
    lifetime: Duration,
    /// How long it may take to answer that it is there.
    patience: Duration,
}

impl Keeping {
    /// None for a file, which neither hangs up nor grows old.
    fn of(options: &SqlOptions) -> Option<Self> {
        (options.provider() != Provider::Sqlite).then(|| Self {
            idle: options.get_idle_timeout(),
            lifetime: options.get_max_lifetime(),
            // One that does not answer must leave time for another.
            patience: options.get_acquire_timeout() / 4,
        })
    }
}

type Opened<C> = BoxFuture<'static, sqlx::Result<C>>;

/// Opens connections, and judges those that come back.
pub(crate) struct Opener<DB: Engine> {
    open: Box<dyn Fn() -> Opened<DB::Connection> + Send + Sync>,
    keeping: Option<Keeping>,
    /// When the last one was used of those that no longer answered. Whatever has been idle for even longer,
    /// such as behind a firewall that forgets, is not waited for in its turn.
    silent: Mutex<Option<Instant>>,
    /// When the server was last found to be another one than it should be. What was opened before is opened anew.
    doubted: Mutex<Option<Instant>>,
}

/// A connection, or none while it is lent and after it turned out to be useless.
#[derive(Debug)]
pub(crate) struct Open<C>(Option<C>);

impl<C> Open<C> {
    pub(super) fn take(&mut self) -> Option<C> {
        self.0.take()
    }

    pub(super) fn give_back(&mut self, connection: C) {
        self.0 = Some(connection);
    }
}

impl<DB: Engine> Opener<DB> {
    pub(crate) fn new(options: &SqlOptions, open: impl Fn() -> Opened<DB::Connection> + Send + Sync + 'static) -> Self {
        Self {
            open: Box::new(open),
            keeping: Keeping::of(options),
            silent: Mutex::new(None),
            doubted: Mutex::new(None),
        }
    }

    #[cfg(any(feature = "mysql", feature = "postgres"))]
    pub(super) fn doubt(&self) {
        *lock(&self.doubted) = Some(Instant::now());
    }

    pub(super) fn keeping(&self) -> Option<Keeping> {
        self.keeping
    }
}

impl<DB: Engine> managed::Manager for Opener<DB> {
    type Type = Open<DB::Connection>;
    type Error = sqlx::Error;

    async fn create(&self) -> sqlx::Result<Self::Type> {
        (self.open)().await.map(|connection| Open(Some(connection)))
    }

    async fn recycle(&self, open: &mut Self::Type, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        let Some(connection) = &mut open.0 else {
            return Err(RecycleError::message("it was lost, or given up in the middle of something"));
        };
        let Some(keeping) = self.keeping else {
            return Ok(());
        };
        if metrics.age() >= keeping.lifetime {
            tokio::spawn(retire(Open(open.take())));
            return Err(RecycleError::message("it is old"));
        }
        if *lock(&self.doubted) >= Some(metrics.created) {
            tokio::spawn(retire(Open(open.take())));
            return Err(RecycleError::message("the server that it leads to was found to be no primary any more"));
        }
        let used = metrics.recycled.unwrap_or(metrics.created);
        if used.elapsed() < IDLE {
            return Ok(());
        }
        if *lock(&self.silent) >= Some(used) {
            return Err(RecycleError::message("it has been idle for longer than one that did not answer"));
        }
        match tokio::time::timeout(keeping.patience, connection.ping()).await {
            Ok(answer) => answer.map_err(RecycleError::Backend),
            Err(_) => {
                let mut silent = lock(&self.silent);
                *silent = silent.max(Some(used));
                Err(RecycleError::message("it does not answer"))
            }
        }
    }
}

fn lock(moment: &Mutex<Option<Instant>>) -> MutexGuard<'_, Option<Instant>> {
    moment.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<DB: Engine> fmt::Debug for Opener<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opener").field("keeping", &self.keeping).finish_non_exhaustive()
    }
}

/// How long closing a connection may take before it is dropped.
const GRACE: Duration = Duration::from_secs(2);

/// Closes a connection with a word to the server, if it still listens.
pub(super) async fn retire<C: Connection>(open: Open<C>) {
    if let Some(connection) = open.0 {
        // Nothing is under way on it, so nothing is missed, should this fail.
        let _ = tokio::time::timeout(GRACE, connection.close()).await;
    }
}

/// Closes what was idle for too long, time and again while there is the pool.
pub(super) async fn sweep<DB: Engine>(pool: WeakPool<Opener<DB>, Object<Opener<DB>>>, keeping: Keeping) {
    let pause = (keeping.idle.min(keeping.lifetime) / 4).clamp(Duration::from_millis(250), Duration::from_secs(30));
    loop {
        tokio::time::sleep(pause).await;
        let Some(pool) = pool.upgrade().filter(|pool| !pool.is_closed()) else {
            return;
        };
        let good = |metrics: Metrics| metrics.last_used() < keeping.idle && metrics.age() < keeping.lifetime;
        let removed = pool.retain(|_, metrics| good(metrics)).removed;
        drop(pool);
        join_all(removed.into_iter().map(retire)).await;
    }
}
