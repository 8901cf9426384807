//! Which programs to run, and how many.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

const SEED: &str = "GOVERNANCE_MODEL_SEED";
const COUNT: &str = "GOVERNANCE_MODEL_PROGRAMS";

/// Which programs to run: as many as `count`, the first of them made from `seed`, the next one
/// from the seed after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Programs {
    /// The seed of the first program.
    pub seed: u64,
    /// How many programs.
    pub count: u64,
}

impl Programs {
    /// As `GOVERNANCE_MODEL_SEED` and `GOVERNANCE_MODEL_PROGRAMS` say; else from a seed that is
    /// new each time, and `count` of them.
    ///
    /// # Panics
    ///
    /// When one of the two is set to something else than a number.
    pub fn from_environment(count: u64) -> Self {
        let seed = number(SEED).unwrap_or_else(|| u64::from(u32::MAX) & RandomState::new().hash_one(0));
        Self { seed, count: number(COUNT).unwrap_or(count) }
    }

    /// The seeds, one a program.
    pub fn seeds(self) -> impl Iterator<Item = u64> {
        (0..self.count).map(move |number| self.seed.wrapping_add(number))
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is {text:?}; expected a whole number")))
}
