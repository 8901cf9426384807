//! Durable, authoritative state for experiment governance: which lifecycle state each experiment
//! is in, who approved what, which configuration version runs, which policies passed, and how to
//! get back.
//!
//! A [`Backplane`] is a place that keeps this state. This crate has the models, the contract, and
//! the [in-memory backplane](InMemoryBackplane); other crates keep it in databases. The only way
//! to write is a [`Commit`], applied all or nothing and only if what it expects is true:
//!
//! ```
//! use governance_persistence::*;
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let backplane = InMemoryBackplane::new();
//! let key = ExperimentKey::new("checkout")?.in_tenant("acme")?;
//!
//! let draft = StateChange::to(LifecycleState::Draft).by("alice");
//! backplane.save_experiment_state(&key, draft, Expected::Absent).await?;
//!
//! let state = backplane.get_experiment_state(&key).await?.expect("it was just saved");
//! let submit = Commit::builder(&key, Expected::Match(state.etag))
//!     .state(state.moved_to(LifecycleState::PendingApproval, "alice"))
//!     .record(StateTransition::new(LifecycleState::Draft, LifecycleState::PendingApproval, "alice"))
//!     .build()?;
//! backplane.commit(&submit).await?;
//! assert!(backplane.commit(&submit).await?.replayed); // sent again: the same receipt
//! # Ok::<(), Error>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | to | see |
//! |---|---|
//! | read where an experiment stands | [`Backplane::head`], [`BackplaneExt::get_experiment_state`] |
//! | change it if nobody else did | [`Commit::builder`] with [`Expected`]; the loser gets a [`Conflict`] |
//! | append one record, safe to repeat | `append_…` of [`BackplaneExt`] |
//! | read history | [`Backplane::history`] by page, [`BackplaneExt::history_stream`], `get_…` of [`BackplaneExt`] |
//! | ask for approval, and decide | [`ApprovalRecord::request`], [`ApprovalRecord::decided`] |
//! | number configurations, go back to one | [`BackplaneExt::append_next_configuration_version`], [`ConfigurationDraft::rollback`] |
//! | list experiments | [`Backplane::experiments`] |
//! | audit, export, copy | [`Backplane::log`], [`LogEntry::verify`], [`replay`], [`Backplane::replicate`] |
//! | keep something for a while | [`Backplane::ephemeral`] |
//! | send again what failed in passing | [`Retrying`] |
//! | know what to do about a failure | [`Error`], [`Error::outcome`] |
//! | write a backplane, and certify it | [`Backplane`], crate `governance-persistence-conformance` |
//!
//! The words: [`ExperimentKey`] says which experiment, tenant and environment included; a
//! [`Record`] is one immutable fact; [`Sequence`] counts an experiment's commits without a gap,
//! and orders its history; [`ETag`] is the version of the current state; [`LogEntry`] is a commit
//! as it was applied; [`Head`] is where the experiment stands; [`Recorded`] is a record with its
//! [`Place`] in history; [`Receipt`] is what a writer gets back. The request for an approval comes
//! first, and allocates the id that the transition will have.

mod backplane;
mod commit;
mod count;
mod digest;
mod ephemeral;
mod error;
mod ext;
mod head;
mod id;
mod json;
mod key;
pub mod limits;
mod log;
mod memory;
mod model;
mod query;
mod receipt;
pub mod replay;
mod retrying;
mod shared;
mod text;
mod timestamp;

pub use backplane::{Backplane, Replicated};
pub use commit::{Commit, CommitBuilder, Expected};
pub use count::{Place, Sequence, VersionNumber};
pub use digest::{ContentHash, Fingerprint};
pub use ephemeral::{Ephemeral, EphemeralId, EphemeralItem, EphemeralKind, TimeToLive, check_ephemeral_value};
pub use error::{Conflict, ConflictCause, Error, Fault, Invalid, Outcome, Result, Source};
pub use ext::BackplaneExt;
pub use head::Head;
pub use id::{CommitId, ETag, RecordId};
pub use json::{Json, JsonObject};
pub use key::{ExperimentKey, ScopeName};
pub use log::LogEntry;
pub use memory::InMemoryBackplane;
pub use model::{
    ApprovalRecord, ConfigurationDraft, ConfigurationVersion, Decision, ExperimentState, LifecycleState,
    PolicyDefinition, PolicyEvaluation, Record, RecordKind, RecordType, Recorded, Severity, StateChange,
    StateTransition, VersionReference,
};
pub use query::{Consistency, Cursor, Direction, ExperimentsQuery, Filter, HistoryQuery, LookUp, Page, PageSize};
pub use receipt::Receipt;
pub use retrying::Retrying;
pub use timestamp::Timestamp;
