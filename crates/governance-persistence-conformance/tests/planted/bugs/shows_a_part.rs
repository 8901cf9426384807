//! A head that shows a commit before its records are there.

use crate::bug::*;
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Debug, Default)]
pub(crate) struct ShowsAPart {
    /// The heads that lead the logs, and whether somebody has seen one and asked for its entry.
    ahead: Mutex<Vec<(Head, Seen)>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Seen {
    No,
    Head,
    NoEntry,
}

impl ShowsAPart {
    /// Remembers what somebody has seen of a head that leads its log, and gives that head.
    fn saw(&self, key: &ExperimentKey, what: Seen) -> Option<Head> {
        let mut ahead = self.ahead.lock().unwrap();
        let (head, seen) = ahead.iter_mut().find(|(head, _)| &head.key == key)?;
        *seen = what;
        Some(head.clone())
    }

    /// Gives readers the time to see the head, and one who has seen it the time to ask for the entry.
    async fn dawdle(&self, key: &ExperimentKey) {
        let seen = || self.ahead.lock().unwrap().iter().find(|(head, _)| &head.key == key).map(|(_, seen)| *seen);
        for turn in 0..1_000 {
            match seen() {
                Some(Seen::No) if turn > 5 => break,
                Some(Seen::No | Seen::Head) => tokio::time::sleep(Duration::from_millis(1)).await,
                Some(Seen::NoEntry) | None => break,
            }
        }
        self.ahead.lock().unwrap().retain(|(head, _)| &head.key != key);
    }
}

#[async_trait]
impl Bug for ShowsAPart {
    async fn commit(&self, inner: &InMemoryBackplane, commit: &Commit) -> Result<Receipt> {
        let mut head = inner.head(commit.key(), Consistency::Strong).await?;
        if let (Some(state), Some((_, last))) = (commit.state(), commit.version_range())
            && commit.check_against(&head).is_ok()
        {
            head.state = Some(Arc::new(state.clone().into_state(head.key.clone(), commit.id())));
            head.latest_version = Some(last);
            head.sequence = head.sequence.next();
            self.ahead.lock().unwrap().push((head, Seen::No));
            self.dawdle(commit.key()).await;
        }
        inner.commit(commit).await
    }

    async fn head(&self, inner: &InMemoryBackplane, key: &ExperimentKey) -> Result<Head> {
        self.saw(key, Seen::Head).map_or(inner.head(key, Consistency::Strong).await, Ok)
    }

    async fn entry(&self, inner: &InMemoryBackplane, key: &ExperimentKey, id: CommitId) -> Result<Option<LogEntry>> {
        let entry = inner.entry(key, id, Consistency::Strong).await;
        self.saw(key, Seen::NoEntry);
        entry
    }
}
