//! Random programs: the backplane answers as the in-memory one does.

use crate::Opener;
use crate::model::{Programs, check_programs};

/// How many programs, unless `GOVERNANCE_MODEL_PROGRAMS` says otherwise.
const PROGRAMS: u64 = 100;

/// Every answer in random programs is the one that the in-memory backplane gives: see [`crate::model`].
pub async fn random_programs_are_answered_as_in_memory(opener: &dyn Opener) {
    check_programs(opener, Programs::from_environment(PROGRAMS)).await;
}
