//! The in-memory backplane keeps the whole contract.

use governance_persistence::InMemoryBackplane;

governance_persistence_conformance::certify!({
    let backplane = InMemoryBackplane::new();
    move || std::future::ready(backplane.clone())
});
