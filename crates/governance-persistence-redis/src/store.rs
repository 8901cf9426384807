//! All that the reads and the writes share: the connections, the names of keys, and where the lists end.

use crate::error;
use crate::gate::Gate;
use crate::keys::{CHUNK, Layout};
use crate::link::{Command, Does, Link, Reply};
use governance_persistence::{ExperimentKey, Result};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How many experiments' ends are remembered, before all are forgotten.
const REMEMBERED: usize = 10_000;

#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) link: Link,
    pub(crate) layout: Layout,
    pub(crate) gate: Gate,
    pub(crate) ends: Ends,
}

impl Store {
    pub(crate) fn new(link: Link, layout: Layout) -> Self {
        Self { link, layout, gate: Gate::default(), ends: Ends::default() }
    }

    /// Reads from a key of an experiment.
    pub(crate) async fn read(&self, key: &ExperimentKey, doing: &str, command: Command) -> Result<Reply> {
        let name = command.key().cloned().unwrap_or_default();
        let reply = self.link.send(command, Does::Read).await;
        reply.map_err(|failure| error::on(key, &name, doing, failure, Does::Read))
    }
}

/// In which chunk each list of an experiment ends: of the commits, then of the four lists of records.
pub(crate) type Chunks = [u64; 5];

/// The chunks as far as they are known. A wrong one costs a round trip: the script says where the list ends.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    /// Only those experiments of which some list is beyond its first chunk.
    known: Mutex<HashMap<ExperimentKey, Chunks>>,
}

impl Ends {
    pub(crate) fn of(&self, key: &ExperimentKey) -> Chunks {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(key).copied().unwrap_or_default()
    }

    /// Remembers where the lists end that have as many entries.
    pub(crate) fn remember(&self, key: &ExperimentKey, entries: [u64; 5]) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(key.clone(), entries.map(|entries| entries / CHUNK));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_many_experiments_then_the_memory_of_their_ends_stays_small() {
        let ends = Ends::default();
        for number in 0..=REMEMBERED {
            let key = ExperimentKey::new(&format!("e{number}")).unwrap();
            ends.remember(&key, [CHUNK, 0, 0, 2 * CHUNK + 5, 0]);
            assert_eq!(ends.of(&key), [1, 0, 0, 2, 0]);
        }
        assert!(ends.known.lock().unwrap().len() <= REMEMBERED);
        assert_eq!(ends.of(&ExperimentKey::new("e0").unwrap()), [0; 5]);
    }
}
