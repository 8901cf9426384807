//! Redis keeps the whole contract.

use crate::place::Place;

governance_persistence_conformance::certify!(Place::on_one_server());
