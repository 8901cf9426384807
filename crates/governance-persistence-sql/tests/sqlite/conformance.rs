//! SQLite keeps the whole contract.

use crate::place::Place;

governance_persistence_conformance::certify_cases!(Place::new());
