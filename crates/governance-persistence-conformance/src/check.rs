//! The suite as a list: each case and each feature with its name, to be run by a harness of one's own.

use crate::{Opener, cases};
use futures_util::future::LocalBoxFuture;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A case or a feature, with the name that it has in the suite.
///
/// [`certify!`](crate::certify) makes a test of each. Who wants a report instead, or to know which
/// ones a bug of theirs is found by, runs them one by one:
///
/// ```
/// use governance_persistence::InMemoryBackplane;
/// use governance_persistence_conformance::Check;
///
/// let place = async || {
///     let backplane = InMemoryBackplane::new();
///     move || std::future::ready(backplane.clone())
/// };
/// for check in Check::all().filter(|check| check.name().starts_with("expectations::")) {
///     match check.run(place) {
///         Ok(()) => println!("{} holds", check.name()),
///         Err(panic) => panic!("{}: {panic}", check.name()),
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Check {
    name: &'static str,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Case(for<'a> fn(&'a dyn Opener) -> LocalBoxFuture<'a, ()>),
    Feature(&'static str),
}

macro_rules! checks_of_cases {
    ($($topic:ident { $($case:ident)* })*) => {
        &[$($(Check {
            name: concat!(stringify!($topic), "::", stringify!($case)),
            what: What::Case(|opener| Box::pin(cases::$topic::$case(opener))),
        }),*),*]
    };
}

macro_rules! checks_of_features {
    ($($feature:ident)*) => {
        &[$(Check { name: concat!("features::", stringify!($feature)), what: What::Feature(stringify!($feature)) }),*]
    };
}

const CASES: &[Check] = crate::__for_each_case!(checks_of_cases);
const FEATURES: &[Check] = crate::__for_each_feature!(checks_of_features);

impl Check {
    /// All cases, then all features.
    pub fn all() -> impl Iterator<Item = Self> {
        CASES.iter().chain(FEATURES).copied()
    }

    /// Topic and case, `concurrency::no_reader_sees_a_part` say, or `features::` and the feature.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Runs it on a new place, which `place` gives; a feature is given two.
    ///
    /// # Errors
    ///
    /// When it fails, with what it found. It fails by a panic, which the panic hook reports as well.
    pub fn run<O: Opener + 'static>(&self, place: impl AsyncFn() -> O) -> Result<(), String> {
        let run = || match self.what {
            What::Case(case) => crate::run(place(), case),
            What::Feature(feature) => crate::run_feature(feature, place(), place()),
        };
        catch_unwind(AssertUnwindSafe(run)).map_err(|panic| message(&*panic))
    }
}

/// What a panic said.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}
