//! The audit sink for the crate `tracing`.

use crate::backplanes::in_memory;
use crate::world::{brought_to, moved, on};
use governance::{ManualGate, Moves, TracingAudit};
use governance_persistence::LifecycleState;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};

/// A subscriber that keeps the fields of audit events.
#[derive(Clone, Default)]
struct Traced(Arc<Mutex<Vec<BTreeMap<&'static str, String>>>>);

struct Fields<'a>(&'a mut BTreeMap<&'static str, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl Subscriber for Traced {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "governance::audit"
    }

    fn new_span(&self, _span: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = BTreeMap::from([("level", event.metadata().level().to_string())]);
        event.record(&mut Fields(&mut fields));
        self.0.lock().unwrap().push(fields);
    }

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}
}

#[tokio::test]
async fn traces_carry_the_event_in_fields() {
    // Given a subscriber
    let (backplane, traced) = (in_memory(), Traced::default());
    let _guard = tracing::subscriber::set_default(traced.clone());
    let gate = ManualGate::new("review", Moves::into(LifecycleState::Archived));
    let governance = on(&backplane).approval_gate(gate).audit(TracingAudit).build().unwrap();
    // When a move is made, and one refused
    let moved_on = moved(&governance, LifecycleState::PendingApproval).await.unwrap();
    brought_to(&backplane, &[LifecycleState::Draft]).await;
    moved(&governance, LifecycleState::Archived).await.unwrap_err();
    // Then both are traced, and the refusal is a warning
    let traced = traced.0.lock().unwrap().clone();
    let [moved, refused] = traced.as_slice() else { panic!("{traced:?}") };
    assert_eq!((moved["level"].as_str(), refused["level"].as_str()), ("INFO", "WARN"));
    assert_eq!(moved["commit_id"], moved_on.receipt.commit_id.to_string());
    for (field, value) in [
        ("operation", "\"transition\""),
        ("tenant", "\"acme\""),
        ("experiment", "\"checkout\""),
        ("actor", "\"alice\""),
        ("sequence", "1"),
        ("replayed", "false"),
        ("message", "\"checkout\" (tenant \"acme\"): alice moved it from Draft to PendingApproval"),
    ] {
        assert_eq!(moved[field], value, "{field}");
    }
    assert!(!moved.contains_key("environment"));
}
