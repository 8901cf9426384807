//! The file of JSON Lines keeps the whole contract.

use super::place::Place;

governance_persistence_conformance::certify!(Place::new());
