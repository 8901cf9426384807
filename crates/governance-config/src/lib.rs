//! The configuration language of experiment governance: YAML or JSON in, ready managers out.
//!
//! ```
//! use governance_config::{Format, Loader, Registry};
//!
//! # use governance::persistence::Backplane;
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let text = "
//! governance:
//!   persistence: { type: inMemory }
//!   approvalGates:
//!     - { type: manual, fromState: PendingApproval, toState: Approved }
//!   policies:
//!     - { type: trafficLimit, maxTrafficPercentage: 10 }
//! ";
//! let config = Loader::new().load_str("example.yaml", text, Format::Yaml)?;
//! let governance = config.build(&Registry::default()).await?;
//! governance.backplane().ping().await?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A [`Loader`] reports **all** faults of a file at once, as [`Diagnostics`]: each with its line
//! and column, the path of the key, what is wrong and what would be right. Nothing unknown is
//! skipped, and nothing that is missing is made up.
//!
//! Whatever a file can say, [`GovernanceConfig`] can be built to say in code, and the other way
//! round: [`GovernanceConfig::to_yaml`] writes a file that loads as the same configuration.
//!
//! # The language
//!
//! * A file is YAML (`.yaml`, `.yml`) or JSON (`.json`), UTF-8, at most 1 MiB. `governance:`
//!   stands at the top or under `experimentFramework:`; keys beside it belong to others and are
//!   left alone.
//! * In string values, `${VAR}` is the environment's, `${VAR:-default}` is the default when `VAR`
//!   is unset or empty, and `$${` is a literal `${`. This is done after parsing, so that a value
//!   can never become syntax. A scalar is then read as the type that its key wants.
//! * Keys are camelCase and exact. The names that are values (`inMemory`, `onConnect`) are matched
//!   without regard to case and hyphens.
//! * Durations are `HH:MM:SS`, or a whole number and a unit: `ns`, `us`, `ms`, `s`, `m`, `h`, `d`.
//! * YAML: one document a file. Aliases work, up to a number of nodes in all; tags and merge keys
//!   (`<<`) are refused inside `governance`, since JSON has no such thing.

mod config;
mod diagnostics;
mod document;
mod file;
mod format;
mod gate;
mod interpolation;
mod loader;
mod names;
mod persistence;
mod policy;
mod reading;
mod registry;
mod schema;
mod section;
mod setting;
mod written;

pub use config::GovernanceConfig;
pub use diagnostics::{Diagnostic, Diagnostics};
pub use format::Format;
pub use gate::GateConfig;
pub use loader::Loader;
pub use persistence::Persistence;
pub use policy::PolicyConfig;
pub use registry::Registry;
pub use schema::json_schema;

/// The README's examples, run with those of the documentation. Here, because from here all the
/// libraries that they use can be reached.
#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../../../README.md")]
struct Readme;
