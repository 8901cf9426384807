//! The model test: random programs of operations, run on a backplane and on the in-memory one, every
//! answer compared.
//!
//! A program works on a few experiments that look alike, through two handles in turn. It commits
//! with right and wrong expectations, versions and ids, sends again what it sent before, replicates,
//! looks, turns pages, and keeps ephemerals. What it commits is the same on both sides, so all answers
//! must be, but for the instants that each sets by its own clock: those must not change, nor run
//! backwards. Cursors are each side's own. At the end both stores must be equal in every way of
//! reading, and what the backplane under test logged must verify and lead to its head.
//!
//! A program is made from its seed alone. When the two differ, it is shrunk to a short one that still
//! shows a difference, and printed with the seed. To run it again:
//!
//! ```text
//! GOVERNANCE_MODEL_SEED=17 GOVERNANCE_MODEL_PROGRAMS=1 cargo test random_programs
//! ```
//!
//! To try ten thousand others, set `GOVERNANCE_MODEL_PROGRAMS=10000` and no seed.

mod ephemeral;
mod program;
mod programs;
mod read;
mod run;
mod same;
mod shrink;
mod store;
mod strategy;
mod world;
mod write;

pub use programs::Programs;
pub use shrink::Difference;

use crate::Opener;

/// Runs the programs on the place and on the in-memory backplane, and looks for a difference. Gives
/// the first one, shrunk.
pub async fn find_difference(opener: &dyn Opener, programs: Programs) -> Option<Difference> {
    let handles = [opener.open().await, opener.open().await];
    for seed in programs.seeds() {
        if let Some(difference) = shrink::try_seed(&handles, seed).await {
            return Some(difference);
        }
    }
    None
}

/// Runs the programs on the place and on the in-memory backplane.
///
/// # Panics
///
/// When the two differ, with the seed, the shrunk program, and what the two answered.
pub async fn check_programs(opener: &dyn Opener, programs: Programs) {
    if let Some(difference) = find_difference(opener, programs).await {
        panic!("{difference}");
    }
}
