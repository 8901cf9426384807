//! An experiment as cqrs-es sees it. Events are handed to `persist` as they are, so only its type counts.

use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::convert::Infallible;

/// The experiment that was changed last by the change it holds.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Experiment {
    last: Option<Change>,
}

/// What a commit says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Change(pub(crate) Value);

impl DomainEvent for Change {
    fn event_type(&self) -> String {
        "ExperimentChanged".to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}

impl Aggregate for Experiment {
    const TYPE: &'static str = "experiment";
    type Command = Change;
    type Event = Change;
    type Error = Infallible;
    type Services = ();

    async fn handle(&mut self, change: Change, (): &(), sink: &EventSink<Self>) -> Result<(), Infallible> {
        sink.write(change, self).await;
        Ok(())
    }

    fn apply(&mut self, change: Change) {
        self.last = Some(change);
    }
}
