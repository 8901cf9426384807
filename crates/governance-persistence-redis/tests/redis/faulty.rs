//! Redis keeps the whole contract when calls fail and replies get lost.

use crate::place::Place;
use async_trait::async_trait;
use governance_persistence::{Backplane, Retrying};
use governance_persistence_conformance::{Attributed, Faults, Faulty, Odds, Opener};
use std::sync::Arc;
use std::time::Duration;

/// A prefix whose handles meet faults, and send again what failed.
struct FaultyPlace {
    place: Place,
    faults: Faults,
}

impl FaultyPlace {
    fn new(place: Place) -> Self {
        let faults = Faults::from_env();
        faults.set_odds(Odds::each(5));
        Self { place, faults }
    }
}

#[async_trait]
impl Opener for FaultyPlace {
    async fn open(&self) -> Arc<dyn Backplane> {
        let faulty = Faulty::new(self.place.connect().await, &self.faults);
        let retrying = Retrying::new(faulty).delays(Duration::from_micros(10), Duration::from_millis(1));
        Arc::new(Attributed::new(retrying.deadline(Duration::from_secs(60)), &self.faults))
    }

    fn missing(&self) -> Option<String> {
        self.place.missing()
    }
}

mod one_server {
    use super::*;

    governance_persistence_conformance::certify!(FaultyPlace::new(Place::on_one_server()));
}

mod cluster {
    use super::*;

    governance_persistence_conformance::certify!(FaultyPlace::new(Place::on_a_cluster()));
}
