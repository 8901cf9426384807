//! The one error type of the managers, sorted by what the caller should do about it.

mod not_allowed;
mod not_pending;
mod refusal;

pub use not_allowed::NotAllowed;
pub use not_pending::{NotPending, NotPendingCause};
pub use refusal::{GateObjection, Objection, Refusal};

use governance_persistence::{
    CommitId, Conflict, ConflictCause, Expected, ExperimentKey, Fault, Head, Invalid, LifecycleState, Outcome,
    VersionNumber,
};

/// What every fallible call of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a manager did not do what it was asked for. Unless the [outcome](Self::outcome) is unknown,
/// the experiment is where it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request is wrong, every faulty field is listed: fix it.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The lifecycle has no such move: choose one that it allows.
    #[error("{0}")]
    NotAllowed(Box<NotAllowed>),
    /// Gates or policies refused the move; the refusal is recorded: do what the objections say.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// No gate asks people about this move: there is nothing to request.
    #[error("no gate asks people about the move of {key} from {from} to {to}; just make it")]
    NothingToApprove {
        /// The experiment.
        key: ExperimentKey,
        /// The state it is in.
        from: LifecycleState,
        /// The state that it was to enter.
        to: LifecycleState,
    },
    /// Nobody waits for this decision: look why.
    #[error("{0}")]
    NotPending(Box<NotPending>),
    /// People may not approve at this gate what they asked for themselves: let somebody else decide.
    #[error("{approver} asked for this approval; gate {gate:?} of {key} wants somebody else's")]
    SelfApproval {
        /// The experiment.
        key: ExperimentKey,
        /// The gate.
        gate: String,
        /// Who asked, and decided.
        approver: String,
    },
    /// Somebody else changed what this request was about: look who and to what, decide anew.
    #[error("{0}")]
    Conflict(Box<Conflict>),
    /// Others kept recording on the experiment, so that no judgement was current long enough:
    /// nothing was moved; ask again later.
    #[error("{key} was busy: others recorded on it each of {attempts} times that this was judged; ask again")]
    Contended {
        /// The experiment.
        key: ExperimentKey,
        /// How often it was judged until the deadline.
        attempts: u32,
    },
    /// There is no such configuration version.
    #[error("{key} has no configuration version {number}; {}", latest_is(*latest))]
    NoSuchVersion {
        /// The experiment.
        key: ExperimentKey,
        /// The version that was asked for.
        number: VersionNumber,
        /// The latest one there is.
        latest: Option<VersionNumber>,
    },
    /// The policy is neither set up here nor defined for the experiment: check its name.
    #[error("{}", no_such_policy(key, policy.as_deref()))]
    NoSuchPolicy {
        /// The experiment.
        key: ExperimentKey,
        /// The policy that was asked for; none if any would do.
        policy: Option<String>,
    },
    /// The backplane failed. When the [outcome](Self::outcome) is unknown, make the **same**
    /// request again under this commit id.
    #[error("{source}")]
    Backplane {
        /// The id of the request, where its commit failed.
        commit_id: Option<CommitId>,
        /// What the backplane said.
        source: governance_persistence::Error,
    },
}

fn latest_is(latest: Option<VersionNumber>) -> String {
    latest.map_or_else(|| "it has none at all".to_owned(), |latest| format!("the latest is {latest}"))
}

fn no_such_policy(key: &ExperimentKey, policy: Option<&str>) -> String {
    match policy {
        Some(name) => format!("policy {name:?} is neither set up here nor defined for {key}"),
        None => format!("no policy is set up here that could be evaluated for {key}"),
    }
}

impl Error {
    /// An [`Error::Invalid`] of one fault.
    pub(crate) fn invalid(field: &str, problem: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::Invalid(Fault::new(field, problem, expected).into())
    }

    /// The state that was read is not there any more; `now` is.
    pub(crate) fn state_changed(read: Expected, now: Head) -> Self {
        Self::Conflict(Box::new(Conflict::new(now.key.clone(), ConflictCause::Expected(read), now)))
    }

    /// The same, if it comes from the backplane, about this commit.
    #[must_use]
    pub(crate) fn of_commit(self, id: CommitId) -> Self {
        match self {
            Self::Backplane { source, .. } => Self::Backplane { commit_id: Some(id), source },
            other => other,
        }
    }

    /// Was somebody else first?
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }

    /// The conflict, when it is one: its head has who changed the state, to what, and when.
    pub fn as_conflict(&self) -> Option<&Conflict> {
        match self {
            Self::Conflict(conflict) => Some(conflict),
            _ => None,
        }
    }

    /// The refusal, when gates or policies refused.
    pub fn as_refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// May the same request succeed when it is made again, with nothing changed about it?
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Contended { .. } => true,
            Self::Backplane { source, .. } => source.is_retryable(),
            _ => false,
        }
    }

    /// Whether what was asked for may have been done all the same.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Backplane { source, .. } => source.outcome(),
            _ => Outcome::NotApplied,
        }
    }
}

impl From<governance_persistence::Error> for Error {
    fn from(error: governance_persistence::Error) -> Self {
        match error {
            governance_persistence::Error::Invalid(invalid) => Self::Invalid(invalid),
            governance_persistence::Error::Conflict(conflict) => Self::Conflict(conflict),
            source => Self::Backplane { commit_id: None, source },
        }
    }
}
