//! A leak between tenants: they share the ephemerals of their experiments.

use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct SharesEphemerals;

impl Bug for SharesEphemerals {
    fn ephemerals_of(&self, key: &ExperimentKey) -> ExperimentKey {
        ExperimentKey::from_parts(None, key.environment(), key.name()).unwrap()
    }
}
