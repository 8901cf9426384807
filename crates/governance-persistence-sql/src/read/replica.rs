//! A server that follows another, in while it answers and out while it does not.

use super::Reader;
use crate::options::of_replica;
use crate::pool::Connections;
use governance_persistence::{Error, Result};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a replica that failed is left out at first; twice as long each time that it fails again.
const SHORTEST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(60);

/// A replica that reads may go to.
#[derive(Debug)]
pub(crate) struct Replica {
    reader: Reader,
    deadline: Duration,
    standing: Mutex<Standing>,
}

#[derive(Clone, Copy, Debug)]
enum Standing {
    In,
    Out {
        until: Instant,
        pause: Duration,
    },
    /// Somebody is finding out.
    Asked,
}

impl Replica {
    /// One on these connections, given what came of trying to connect. It may be away or behind for now. One
    /// that refuses us for good is a mistake in its URL.
    pub(crate) async fn connect(tried: Result<()>, connections: Connections, deadline: Duration) -> Result<Arc<Self>> {
        if let Err(error @ Error::Invalid(_)) = tried {
            return Err(of_replica(error));
        }
        let standing = Mutex::new(Standing::Asked);
        let replica = Arc::new(Self { reader: Reader::of_server(connections), deadline, standing });
        replica.ask(SHORTEST).await;
        Ok(replica)
    }

    pub(super) fn reader(&self) -> &Reader {
        &self.reader
    }

    /// May a read go there? When it was out for long enough it is asked, which no read waits for.
    pub(super) fn is_in(self: &Arc<Self>) -> bool {
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        match *standing {
            Standing::In => true,
            Standing::Out { until, pause } if until <= Instant::now() => {
                *standing = Standing::Asked;
                let replica = Arc::clone(self);
                tokio::spawn(async move { replica.ask(pause.saturating_mul(2)).await });
                false
            }
            Standing::Out { .. } | Standing::Asked => false,
        }
    }

    /// No read goes there for a while.
    pub(super) fn leave_out(&self) {
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        // Others may have met the same failure before.
        if matches!(*standing, Standing::In) {
            *standing = out(SHORTEST);
        }
    }

    /// It is in if it answers and has our schema: one that is behind by a migration is not ready yet.
    async fn ask(&self, pause: Duration) {
        let ready = tokio::time::timeout(self.deadline, self.check()).await;
        let standing = if matches!(ready, Ok(Ok(()))) { Standing::In } else { out(pause) };
        *self.standing.lock().unwrap_or_else(PoisonError::into_inner) = standing;
    }

    async fn check(&self) -> Result<()> {
        crate::migrations::check_up_to_date(self.reader.db()?).await
    }
}

fn out(pause: Duration) -> Standing {
    let pause = pause.min(LONGEST);
    Standing::Out { until: Instant::now() + pause, pause }
}
