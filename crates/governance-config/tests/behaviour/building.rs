//! Given a configuration, when it is built, then the managers do what it says.

use crate::given::load;
use governance::TransitionRequest;
use governance::persistence::{Backplane, ExperimentKey, InMemoryBackplane, JsonObject, LifecycleState};
use governance_config::{Format, GovernanceConfig, Persistence, Registry};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn key() -> ExperimentKey {
    ExperimentKey::new("checkout").unwrap()
}

#[tokio::test]
async fn what_is_built_is_ready() {
    let config = load("governance: { persistence: { type: inMemory } }", Format::Yaml).unwrap();
    let governance = config.build(&Registry::default()).await.unwrap();

    let submit = TransitionRequest::to(LifecycleState::PendingApproval, "alice");
    governance.lifecycle().transition(&key(), &submit).await.unwrap();

    assert_eq!(governance.lifecycle().state(&key()).await.unwrap().state, LifecycleState::PendingApproval);
}

#[tokio::test]
async fn what_is_built_connects_once_and_writes_to_what_it_connected_to() {
    static CONNECTED: AtomicUsize = AtomicUsize::new(0);
    let backplane = Arc::new(InMemoryBackplane::new());
    let shared = Arc::clone(&backplane);
    let registry = Registry::default()
        .register("in-house", move |_: JsonObject| {
            CONNECTED.fetch_add(1, Ordering::SeqCst);
            let shared = Arc::clone(&shared);
            async move { Ok(shared as Arc<dyn Backplane>) }
        })
        .unwrap();
    let persistence = Persistence::Custom { type_name: "in-house".to_owned(), options: JsonObject::empty() };

    let governance = GovernanceConfig::new(persistence).build(&registry).await.unwrap();
    let submit = TransitionRequest::to(LifecycleState::PendingApproval, "alice");
    governance.lifecycle().transition(&key(), &submit).await.unwrap();

    assert_eq!(CONNECTED.load(Ordering::SeqCst), 1);
    let head = backplane.head(&key(), governance::persistence::Consistency::Strong).await.unwrap();
    assert_eq!(head.sequence.get(), 1);
}
