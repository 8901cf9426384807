//! Governance of experiments: who may move an experiment, on whose word, with which configuration,
//! and under which policies; all of it on a backplane, so that it survives restarts and is safe
//! with many processes.
//!
//! [`Governance`] is the way in. It has a manager for each concern, and they share one
//! [`Backplane`](persistence::Backplane):
//!
//! | manager | does |
//! |---|---|
//! | [`Lifecycle`] | tells where an experiment stands and where it was; moves it on |
//! | [`Approvals`] | asks people about moves, lists what they have not decided, takes their decisions |
//! | [`Versions`] | writes configurations, numbered; tells how they differ; goes back to an earlier one |
//! | [`Policies`] | evaluates policies, and keeps their definitions and what they found |
//!
//! Before moves stand gates, each an [`ApprovalGate`]: [`AutomaticGate`], [`ManualGate`],
//! [`RoleBasedGate`], or one's own. Policies guard moves, each a [`Policy`]: [`TrafficLimit`],
//! [`ErrorRate`], [`TimeWindow`], [`ConflictPrevention`], or one's own. There is no way past them:
//! whatever a manager does that moves an experiment is a transition, rollbacks included. What is
//! written to the backplane by other means than a manager, an import say, is not judged.
//!
//! Whatever is committed is told to [audit sinks](AuditSink), and counted as [metrics](metric).
//!
//! ```
//! use governance::persistence::{ExperimentKey, LifecycleState};
//! use governance::{Governance, TransitionRequest};
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let governance = Governance::builder().build()?; // in memory
//! let checkout = ExperimentKey::new("checkout")?;
//! let submit = TransitionRequest::to(LifecycleState::PendingApproval, "alice");
//! governance.lifecycle().transition(&checkout, &submit).await?;
//! # Ok::<(), governance::Error>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The models, and the words in which all this speaks, are those of the crate
//! [`governance_persistence`], here as [`persistence`].

mod actor;
mod approvals;
mod attempt;
mod attempts;
mod audit;
mod builder;
mod clock;
mod error;
mod governance;
mod lifecycle;
mod listing;
pub mod metric;
mod operation;
mod policies;
mod prose;
mod recent;
mod setup;
mod versions;

pub use governance_persistence as persistence;

pub use actor::Actor;
pub use approvals::{
    ApprovalDecision, ApprovalGate, ApprovalRequest, Approvals, AutomaticGate, Decided, GateDecision, ManualGate,
    PendingApproval, Quorum, Requested, RoleBasedGate, SelfApproval,
};
pub use attempt::Attempt;
pub use audit::{AuditEvent, AuditSink, TracingAudit};
pub use builder::GovernanceBuilder;
pub use clock::{Clock, SetClock, SystemClock};
pub use error::{Error, GateObjection, NotAllowed, NotPending, NotPendingCause, Objection, Refusal, Result};
pub use governance::Governance;
pub use lifecycle::{Lifecycle, LifecycleTable, Moves, Standing, TransitionRequest, Transitioned};
pub use listing::Listing;
pub use operation::Operation;
pub use policies::{
    ConflictPrevention, DisableRequest, Disabled, ErrorRate, Evaluation, EvaluationRequest, Finding, Policies, Policy,
    Telemetry, TimeWindow, TimeZone, TrafficLimit,
};
pub use versions::{
    Change, Created, Diff, NewVersion, PatchOperation, RollbackRequest, RolledBack, Versioning, Versions,
};
