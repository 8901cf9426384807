//! Which server a read goes to, and how long it may take there.

use super::Reader;
#[cfg(any(feature = "mysql", feature = "postgres"))]
use super::replica::Replica;
use governance_persistence::{Consistency, Error, Result};
#[cfg(any(feature = "mysql", feature = "postgres"))]
use std::sync::Arc;
#[cfg(any(feature = "mysql", feature = "postgres"))]
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Where reads go: to the primary, and those that may be a little late to replicas, if there are any.
#[derive(Debug)]
pub(crate) struct Servers {
    primary: Reader,
    /// The longest that a read may take on one server. A file answers or fails by itself.
    deadline: Option<Duration>,
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    replicas: Vec<Arc<Replica>>,
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    turn: AtomicUsize,
}

impl Servers {
    /// One file.
    #[cfg(feature = "sqlite")]
    pub(crate) fn file(file: Reader) -> Self {
        Self {
            primary: file,
            deadline: None,
            #[cfg(any(feature = "mysql", feature = "postgres"))]
            replicas: Vec::new(),
            #[cfg(any(feature = "mysql", feature = "postgres"))]
            turn: AtomicUsize::new(0),
        }
    }

    /// A server and its replicas.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    pub(crate) fn new(primary: Reader, replicas: Vec<Arc<Replica>>, deadline: Duration) -> Self {
        Self { primary, deadline: Some(deadline), replicas, turn: AtomicUsize::new(0) }
    }

    /// Runs a read, all its statements on one server. An eventual one goes to the replicas that are
    /// in, in turn; when none of them can answer, to the primary.
    pub(crate) async fn read<'s, T, F>(&'s self, consistency: Consistency, read: impl Fn(&'s Reader) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        #[cfg(any(feature = "mysql", feature = "postgres"))]
        if consistency == Consistency::Eventual {
            for replica in self.replicas_in_turn() {
                match within(self.deadline, read(replica.reader())).await {
                    Err(error) if is_its_own(&error) => replica.leave_out(),
                    answer => return answer,
                }
            }
        }
        #[cfg(not(any(feature = "mysql", feature = "postgres")))]
        let _ = consistency;
        within(self.deadline, read(&self.primary)).await
    }

    /// Each replica that is in, beginning with another one every time.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    fn replicas_in_turn(&self) -> impl Iterator<Item = &Arc<Replica>> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed).checked_rem(self.replicas.len()).unwrap_or(0);
        let (later, first) = self.replicas.split_at(turn);
        first.iter().chain(later).filter(|replica| replica.is_in())
    }

    pub(crate) async fn close(&self) {
        #[cfg(any(feature = "mysql", feature = "postgres"))]
        for replica in &self.replicas {
            replica.reader().close().await;
        }
        self.primary.close().await;
    }
}

/// Is it the server that is at fault, and not what it was asked? It is away, its schema is not ours, it refuses our
/// account: another one may do better.
#[cfg(any(feature = "mysql", feature = "postgres"))]
fn is_its_own(error: &Error) -> bool {
    match error {
        Error::Unavailable { .. } | Error::Unsupported { .. } | Error::Backend { .. } => true,
        Error::Invalid(invalid) => invalid.faults().iter().all(|fault| fault.field == "connectionString"),
        _ => false,
    }
}

/// The server ends a statement that runs for too long by itself. When not even that is heard, we end
/// the read: nothing depends on it.
async fn within<T>(deadline: Option<Duration>, read: impl Future<Output = Result<T>>) -> Result<T> {
    let Some(deadline) = deadline else {
        return read.await;
    };
    let late = |_| Err(Error::not_applied("reading: the server did not answer within statementTimeout", None));
    tokio::time::timeout(deadline, read).await.unwrap_or_else(late)
}
