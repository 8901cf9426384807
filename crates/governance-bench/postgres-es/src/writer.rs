//! Somebody who appends to one aggregate, one event after the other.

use crate::aggregate::{Change, Experiment};
use anyhow::Result;
use cqrs_es::persist::{PersistedEventRepository, SerializedEvent};
use cqrs_es::{Aggregate, DomainEvent};
use postgres_es::PostgresEventRepository;
use serde_json::json;
use std::sync::Arc;
use std::time::Instant;

pub(crate) struct Writer {
    repository: Arc<PostgresEventRepository>,
    aggregate: String,
    /// That of its last event.
    sequence: usize,
}

impl Writer {
    /// With a new aggregate.
    pub(crate) fn new(repository: Arc<PostgresEventRepository>, number: usize) -> Self {
        Self { repository, aggregate: format!("experiment-{number:05}"), sequence: 0 }
    }

    /// The next events, made before the clock runs.
    pub(crate) fn prepare(&mut self, change: &Change, count: usize) -> Vec<SerializedEvent> {
        let event = |_| {
            self.sequence += 1;
            SerializedEvent::new(
                self.aggregate.clone(),
                self.sequence,
                Experiment::TYPE.to_owned(),
                change.event_type(),
                change.event_version(),
                change.0.clone(),
                json!({}),
            )
        };
        (0..count).map(event).collect()
    }

    /// Persists them, each by itself. The primary key refuses one whose sequence somebody else took.
    pub(crate) async fn persist(self, events: Vec<SerializedEvent>) -> Result<Done> {
        for event in &events {
            self.repository.persist::<Experiment>(std::slice::from_ref(event), None).await?;
        }
        Ok(Done { end: Instant::now(), writer: self, _events: events })
    }
}

/// What a writer gives back. Dropping what was prepared is not part of the work.
pub(crate) struct Done {
    pub(crate) writer: Writer,
    pub(crate) end: Instant,
    _events: Vec<SerializedEvent>,
}
