//! Redis behind Sentinels keeps the whole contract.

use crate::place::Place;

governance_persistence_conformance::certify!(Place::behind_sentinels());
