//! The backplane contract as a test suite: certify a backplane of yours in three lines.
//!
//! Say how to open the place, and get a named test for each case of the contract and for each
//! Gherkin feature:
//!
//! ```
//! use governance_persistence::InMemoryBackplane;
//!
//! # fn main() {}
//! governance_persistence_conformance::certify!({
//!     let backplane = InMemoryBackplane::new();
//!     move || std::future::ready(backplane.clone())
//! });
//! ```
//!
//! The expression is an [`Opener`]: a closure that returns a future of a backplane, or a type of
//! yours that may also keep a temporary directory alive. It is evaluated anew in every test, and
//! may `await`. Each test opens the place one or more times; every open must give an independent
//! handle on the same data.
//!
//! The cases may share one place, a server for instance: they use tenants of their own, and never
//! assume that it is empty. One feature wants two places that share nothing, so for
//! [`certify_features!`] each evaluation has to give another file, prefix or database.
//!
//! The cases are also plain functions, in [`cases`], for a harness of your own; they fail by
//! panicking. [`Snapshot`] and [`samples`], which they are made of, may serve other tests too.
//!
//! [`Faulty`] makes any backplane refuse requests and lose replies, at random or by a script; the
//! suite passes through [`Retrying`](governance_persistence::Retrying) on top of it:
//!
//! ```
//! use governance_persistence::{InMemoryBackplane, Retrying};
//! use governance_persistence_conformance::{Attributed, Faults, Faulty, Odds};
//!
//! # fn main() {}
//! governance_persistence_conformance::certify!({
//!     let (backplane, faults) = (InMemoryBackplane::new(), Faults::from_env());
//!     faults.set_odds(Odds::each(5));
//!     move || {
//!         let retrying = Retrying::new(Faulty::new(backplane.clone(), &faults));
//!         std::future::ready(Attributed::new(retrying, &faults))
//!     }
//! });
//! ```
//!
//! What the suite cannot see from outside: that an acknowledged commit survives a crash of the
//! machine, and what happens when the connection to a server is cut.
//!
//! What it was shown to find is planted in the tests of this crate, one bug after the other.
//! `docs/custom-backplane.md` has the table of them, and builds and certifies a small backplane: the
//! crate's example `json_lines`, a file of JSON Lines. [`Check`] is the suite as a list, for reports
//! and for bugs that you plant yourself.

#![allow(
    clippy::panic,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "this is test code in a library: a case fails by panicking"
)]

mod act;
mod answer;
pub mod cases;
#[macro_use]
mod certify;
mod check;
mod faulty;
mod gherkin;
pub mod model;
mod opener;
mod run;
pub mod samples;
mod snapshot;

pub use check::Check;
pub use faulty::{Attributed, Fate, Faults, Faulty, Odds, Tally};
pub use gherkin::run_feature;
pub use opener::Opener;
pub use run::run;
pub use snapshot::Snapshot;

/// The examples in the guide, run with those of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/custom-backplane.md")]
struct CustomBackplane;
