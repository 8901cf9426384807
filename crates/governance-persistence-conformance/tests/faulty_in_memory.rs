//! The in-memory backplane keeps the whole contract when calls fail and replies get lost.

use governance_persistence::{InMemoryBackplane, Retrying};
use governance_persistence_conformance::{Attributed, Faults, Faulty, Odds};
use std::time::Duration;

governance_persistence_conformance::certify!({
    let (backplane, faults) = (InMemoryBackplane::new(), Faults::from_env());
    faults.set_odds(Odds::each(5));
    move || {
        let faulty = Faulty::new(backplane.clone(), &faults);
        let retrying = Retrying::new(faulty).delays(Duration::from_micros(10), Duration::from_millis(1));
        std::future::ready(Attributed::new(retrying.deadline(Duration::from_secs(60)), &faults))
    }
});
