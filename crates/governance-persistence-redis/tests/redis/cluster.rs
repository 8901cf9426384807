//! Redis Cluster keeps the whole contract.

use crate::place::Place;

governance_persistence_conformance::certify!(Place::on_a_cluster());
