//! The fates of the calls to come, drawn from a seed or scripted.

use super::{Deed, Fate, Odds, Tally};
use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The environment variable with the seed of [`Faults::from_env`].
const SEED: &str = "GOVERNANCE_FAULT_SEED";

/// The fates of the calls to come. A clone is another handle on the same faults.
///
/// At first every call is answered. [`set_odds`](Self::set_odds) lets calls fail at random, at any
/// time; [`script`](Self::script) says exactly what becomes of the next ones. With the same seed,
/// odds and scripts, the calls meet the same fates in the order in which they come.
///
/// `Debug` shows the seed.
#[derive(Clone)]
pub struct Faults(Arc<Mutex<State>>);

struct State {
    seed: u64,
    random: fastrand::Rng,
    odds: Odds,
    script: VecDeque<Fate>,
    tally: Tally,
    /// What was done by calls whose reply was lost.
    deeds: HashSet<Deed>,
}

impl Faults {
    /// Faults that are drawn from this seed.
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            seed,
            random: fastrand::Rng::with_seed(seed),
            odds: Odds::NONE,
            script: VecDeque::new(),
            tally: Tally::default(),
            deeds: HashSet::new(),
        })))
    }

    /// Faults with the seed in the environment variable `GOVERNANCE_FAULT_SEED`, or with a new
    /// one. The seed is printed, so that a test which fails shows it.
    ///
    /// # Panics
    ///
    /// When the variable is set and holds no seed.
    pub fn from_env() -> Self {
        let seed = match std::env::var(SEED) {
            Ok(seed) => seed.parse().unwrap_or_else(|error| panic!("{SEED} is no seed: {error}")),
            Err(_) => RandomState::new().hash_one(SEED),
        };
        println!("faults are drawn with {SEED}={seed}");
        Self::seeded(seed)
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.state().seed
    }

    /// Sets how likely each fault is from now on.
    pub fn set_odds(&self, odds: Odds) {
        self.state().odds = odds;
    }

    /// Says what becomes of the next calls, in the place of what an earlier script still says of
    /// them. After its last call, chance decides again.
    pub fn script(&self, fates: impl IntoIterator<Item = Fate>) {
        self.state().script = fates.into_iter().collect();
    }

    /// Lets the call behind the next `answered` ones meet this fate.
    pub fn script_after(&self, answered: usize, fate: Fate) {
        self.script(std::iter::repeat_n(Fate::Answered, answered).chain([fate]));
    }

    /// How many calls met which fate so far.
    pub fn tally(&self) -> Tally {
        self.state().tally
    }

    pub(super) fn next_fate(&self) -> Fate {
        let mut state = self.state();
        let scripted = state.script.pop_front();
        let fate = scripted.unwrap_or_else(|| {
            let number = state.random.u8(..100);
            state.odds.fate(number)
        });
        state.tally.count(fate);
        fate
    }

    /// Remembers what was done by a call whose reply was lost.
    pub(super) fn remember(&self, deed: Deed) {
        self.state().deeds.insert(deed);
    }

    /// Was this done by a call whose reply was lost? To be told once.
    pub(super) fn tell(&self, deed: &Deed) -> bool {
        self.state().deeds.remove(deed)
    }

    /// Nothing panics while the lock is held.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let State { seed, odds, tally, .. } = &*self.state();
        f.debug_struct("Faults").field("seed", seed).field("odds", odds).field("tally", tally).finish_non_exhaustive()
    }
}
