//! Why a command did not do what it was told.

use governance_config::Diagnostics;
use governance_persistence::{CommitId, Error, ExperimentKey, Head, Receipt};
use std::{io, path::Path};

/// Why a command failed. [`exit`](crate::exit) says which exit code that is, and how it is told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The backplane's answer.
    #[error("{error}")]
    Backplane {
        /// The answer.
        error: Box<Error>,
        /// The commit that it answers, if it is one whose outcome may be unknown.
        commit: Option<CommitId>,
    },
    /// The configuration is faulty.
    #[error("{0}")]
    Configuration(Box<Diagnostics>),
    /// The command line makes no sense, or something it names cannot be read.
    #[error("{message}")]
    Usage { message: String, help: String },
    /// A manager's answer, and not the backplane's through it.
    #[error("{0}")]
    Governance(Box<governance::Error>),
    /// Critical policies are not complied with; it was told what each found.
    #[error("{key} does not comply with {}", policies.join(", "))]
    NotCompliant { key: ExperimentKey, policies: Vec<String> },
    /// A precondition that the backplane does not know of does not hold.
    #[error("{message}")]
    Precondition { message: String, head: Box<Head> },
    /// What was asked for by name is not there.
    #[error("{message}")]
    NotFound { message: String, help: String },
    /// Verification found problems; they were told where they were found.
    #[error("{problems} found: what is stored is not what was committed")]
    Unsound { problems: String },
    /// Some of the files that were to be checked are faulty; it was told which.
    #[error("{faulty} of {all} files are not valid")]
    FaultyFiles { faulty: usize, all: usize },
    /// A line of an import is no log entry.
    #[error("line {line} {problem}")]
    Malformed { line: u64, problem: String },
    /// An import failed at this line.
    #[error("line {line}: {failure}")]
    AtLine { line: u64, failure: Box<Failure> },
    /// Experiments that were to be imported or copied were refused; it was told which.
    #[error("{} not applied: {diverged} diverged, {gaps} with a gap", experiments(diverged + gaps))]
    NotApplied { diverged: u64, gaps: u64 },
    /// The answer could not be written.
    #[error("the answer cannot be written: {0}")]
    Output(#[from] io::Error),
    /// The command itself cannot run.
    #[error("{0}")]
    Internal(String),
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: help.into() }
    }

    pub(crate) fn not_found(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::NotFound { message: message.into(), help: help.into() }
    }

    /// Nothing was ever recorded of this experiment.
    pub(crate) fn unknown_experiment(key: &ExperimentKey) -> Self {
        let help = "`governance experiments --all-tenants --all-environments` lists those there are; \
                    --tenant and --environment belong to the name";
        Self::not_found(format!("nothing was ever recorded of {key}"), help)
    }

    /// What was written cannot be looked at.
    pub(crate) fn unseen(receipt: &Receipt, error: &Error) -> Self {
        let (sequence, commit) = (receipt.sequence, receipt.commit_id);
        Self::Internal(format!("it is recorded as sequence {sequence}, commit {commit}, and cannot be shown: {error}"))
    }

    /// A file that the command line names cannot be read.
    pub(crate) fn file(path: &Path, error: &io::Error) -> Self {
        Self::usage(format!("{} cannot be read: {error}", path.display()), "name a file that can be read")
    }
}

fn experiments(count: u64) -> String {
    if count == 1 { "1 experiment was".to_owned() } else { format!("{count} experiments were") }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Backplane { error: Box::new(error), commit: None }
    }
}

impl From<governance::Error> for Failure {
    fn from(error: governance::Error) -> Self {
        match error {
            governance::Error::Invalid(invalid) => Error::Invalid(invalid).into(),
            governance::Error::Conflict(conflict) => Error::Conflict(conflict).into(),
            governance::Error::Backplane { commit_id, source } => {
                Self::Backplane { error: Box::new(source), commit: commit_id }
            }
            other => Self::Governance(Box::new(other)),
        }
    }
}

impl From<Diagnostics> for Failure {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Configuration(Box::new(diagnostics))
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Output(error.into())
    }
}
