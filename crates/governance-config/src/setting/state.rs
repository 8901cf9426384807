//! Lifecycle states by name.

use super::Named;
use governance_persistence::LifecycleState;

const COUNT: usize = LifecycleState::ALL.len();

const STATES: [(&str, LifecycleState); COUNT] = {
    let mut named = [("", LifecycleState::Draft); COUNT];
    let mut at = 0;
    while at < COUNT {
        named[at] = (LifecycleState::ALL[at].as_str(), LifecycleState::ALL[at]);
        at += 1;
    }
    named
};

const STATES_OR_ANY: [(&str, Option<LifecycleState>); COUNT + 1] = {
    let mut named = [("any", None); COUNT + 1];
    let mut at = 0;
    while at < COUNT {
        named[at] = (STATES[at].0, Some(STATES[at].1));
        at += 1;
    }
    named
};

impl Named for LifecycleState {
    const NAMES: &'static [(&'static str, Self)] = &STATES;
}

/// None: whichever it is.
impl Named for Option<LifecycleState> {
    const NAMES: &'static [(&'static str, Self)] = &STATES_OR_ANY;
}
