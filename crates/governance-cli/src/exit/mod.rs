//! The one place that says which failure has which exit code, and tells people and programs.

mod cause;
mod managers;

use crate::{failure::Failure, output};
use governance_persistence::{Conflict, ConflictCause, Error, Outcome};
use serde_json::{Map, Value, json};
use std::{error::Error as _, io::ErrorKind, process::ExitCode};

/// The exit codes of `--help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    Failure = 1,
    Usage = 2,
    Conflict = 3,
    NotFound = 4,
    Unavailable = 5,
    Refused = 6,
}

/// Exit code 0.
pub(crate) const SUCCESS: ExitCode = ExitCode::SUCCESS;

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code as u8)
    }
}

/// Tells what failed on standard error, and gives the exit code for it.
pub(crate) fn report(failure: &Failure, json: bool) -> ExitCode {
    // Whoever read the answer has seen enough: `governance … | head`.
    if matches!(failure, Failure::Output(error) if error.kind() == ErrorKind::BrokenPipe) {
        return SUCCESS;
    }
    let (code, kind) = classify(failure);
    if json {
        output::error_line(&as_json(failure, kind));
    } else if let Failure::Configuration(diagnostics) = failure {
        output::tell(output::render(diagnostics));
    } else {
        output::tell(format_args!("error: {}", output::clean(&message(failure))));
        for cause in causes(failure) {
            output::tell(format_args!("  caused by: {}", output::clean(&cause)));
        }
        if let Some(help) = help(failure) {
            output::tell(format_args!("  help: {help}"));
        }
    }
    code.into()
}

fn classify(failure: &Failure) -> (Code, &'static str) {
    match failure {
        Failure::Backplane { error, .. } => match &**error {
            Error::Invalid(_) => (Code::Usage, "invalid"),
            Error::Conflict(_) => (Code::Conflict, "conflict"),
            Error::CommitIdReused { .. } => (Code::Conflict, "commitIdReused"),
            Error::RecordIdReused { .. } => (Code::Conflict, "recordIdReused"),
            Error::Unavailable { .. } => (Code::Unavailable, "unavailable"),
            Error::Unsupported { .. } => (Code::Usage, "unsupported"),
            Error::Corrupt { .. } => (Code::Failure, "corrupt"),
            _ => (Code::Failure, "backend"),
        },
        Failure::Configuration(_) | Failure::FaultyFiles { .. } => (Code::Usage, "configuration"),
        Failure::Usage { .. } => (Code::Usage, "usage"),
        Failure::Governance(error) => managers::classify(error),
        Failure::NotCompliant { .. } => (Code::Refused, "notCompliant"),
        Failure::Precondition { .. } => (Code::Conflict, "conflict"),
        Failure::NotFound { .. } => (Code::NotFound, "notFound"),
        Failure::Unsound { .. } => (Code::Failure, "unsound"),
        Failure::Malformed { .. } => (Code::Usage, "malformed"),
        Failure::AtLine { failure, .. } => classify(failure),
        Failure::NotApplied { diverged: 0, .. } => (Code::Failure, "gap"),
        Failure::NotApplied { .. } => (Code::Conflict, "diverged"),
        Failure::Output(_) => (Code::Failure, "output"),
        Failure::Internal(_) => (Code::Failure, "internal"),
    }
}

/// What failed, for people.
fn message(failure: &Failure) -> String {
    match failure {
        Failure::Governance(error) => managers::message(error),
        other => other.to_string(),
    }
}

/// What to do next.
fn help(failure: &Failure) -> Option<String> {
    let error = match failure {
        Failure::Backplane { error, commit } => match (&**error, commit) {
            (Error::Unavailable { outcome: Outcome::Unknown, .. }, Some(commit)) => {
                return Some(format!(
                    "the commit {commit} may have been applied: repeat the command with --commit-id {commit}, which does \
                     it once; where it has no such option, look with `governance log` before you repeat it"
                ));
            }
            (error, _) => error,
        },
        Failure::Usage { help, .. } | Failure::NotFound { help, .. } => return Some(help.clone()),
        Failure::Governance(error) => return managers::help(error),
        Failure::NotCompliant { .. } => {
            return Some("the evaluations are recorded; `governance policies` shows what they go by".to_owned());
        }
        Failure::Precondition { .. } => return Some("look at what is there now, then decide anew".to_owned()),
        Failure::Malformed { .. } => {
            return Some("the lines before it were applied; get the file whole, and import it again".to_owned());
        }
        Failure::AtLine { failure, .. } => match &**failure {
            Failure::Backplane { error, .. } if matches!(**error, Error::Corrupt { .. }) => {
                return Some("the lines before it were applied; export again from a store that verifies".to_owned());
            }
            failure => return help(failure),
        },
        Failure::NotApplied { diverged: 0, .. } => {
            return Some("export these experiments whole, and import that".to_owned());
        }
        Failure::NotApplied { .. } => {
            return Some(
                "compare the two with `governance log`; to keep both, import into a store that lacks the experiment"
                    .to_owned(),
            );
        }
        Failure::FaultyFiles { .. } | Failure::Unsound { .. } => return None,
        Failure::Configuration(_) | Failure::Output(_) | Failure::Internal(_) => return None,
    };
    let help = match error {
        Error::Conflict(conflict) => return Some(retry(conflict)),
        Error::CommitIdReused { .. } => "leave --commit-id out for a new commit, or repeat the first one unchanged",
        Error::RecordIdReused { .. } => "look at what has it with `governance log`",
        Error::Unavailable { .. } => {
            "repeat the command; if it stays so, see that the store is there (of a server: that it runs, and that the \
             URL has its host and port), and that this user may read and write it"
        }
        Error::Corrupt { .. } => "`governance verify` shows what else is wrong; restore from a backup",
        _ => return None,
    };
    Some(help.to_owned())
}

/// How to repeat what lost, for whoever still wants it.
fn retry(conflict: &Conflict) -> String {
    let precondition = match (&conflict.cause, conflict.head.etag()) {
        (ConflictCause::Version { latest, .. }, _) => format!("`version put` takes --if-version {latest}"),
        (_, Some(etag)) => format!("`transition` and `rollback` take --if-match {etag}"),
        (_, None) => "`transition` takes --if-absent".to_owned(),
    };
    format!("nothing was written; look with `governance state`, and if you still want it, repeat it ({precondition})")
}

fn causes(failure: &Failure) -> Vec<String> {
    let error = match failure {
        Failure::Backplane { error, .. } => error,
        Failure::AtLine { failure, .. } => return causes(failure),
        _ => return Vec::new(),
    };
    let mut causes = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    causes
}

fn as_json(failure: &Failure, kind: &str) -> Value {
    let mut object = Map::new();
    object.insert("error".into(), kind.into());
    object.insert("message".into(), failure.to_string().into());
    if let Some(help) = help(failure) {
        object.insert("help".into(), help.into());
    }
    let causes = causes(failure);
    if !causes.is_empty() {
        object.insert("causes".into(), causes.into());
    }
    if let Failure::Malformed { line, .. } | Failure::AtLine { line, .. } = failure {
        object.insert("line".into(), json!(line));
    }
    let failure = if let Failure::AtLine { failure, .. } = failure { failure } else { failure };
    match failure {
        Failure::Governance(error) => managers::add_details(&mut object, error),
        Failure::NotCompliant { key, policies } => {
            object.insert("key".into(), json!(key));
            object.insert("policies".into(), json!(policies));
        }
        Failure::Configuration(diagnostics) => drop(object.insert("diagnostics".into(), json!(diagnostics))),
        Failure::Precondition { head, .. } => drop(object.insert("head".into(), json!(head))),
        Failure::Backplane { error, commit } => {
            if let Some(commit) = commit {
                object.insert("commitId".into(), json!(commit));
            }
            add_details(&mut object, error);
        }
        _ => {}
    }
    object.into()
}

fn add_details(object: &mut Map<String, Value>, error: &Error) {
    let mut add = |name: &str, value: Value| drop(object.insert(name.to_owned(), value));
    match error {
        Error::Invalid(invalid) => {
            let faults = invalid.faults().iter();
            let faults = faults.map(|f| json!({"field": f.field, "problem": f.problem, "expected": f.expected}));
            add("faults", faults.collect());
        }
        Error::Conflict(conflict) => {
            add("key", json!(conflict.key));
            add("head", json!(conflict.head));
        }
        Error::CommitIdReused { key, sequence, commit_id } => {
            add("key", json!(key));
            add("sequence", json!(sequence));
            add("commitId", json!(commit_id));
        }
        Error::RecordIdReused { key, sequence, kind, id } => {
            add("key", json!(key));
            add("sequence", json!(sequence));
            add("kind", json!(kind));
            add("id", json!(id));
        }
        Error::Unavailable { outcome, .. } => {
            add("outcome", json!(if *outcome == Outcome::Unknown { "unknown" } else { "notApplied" }));
        }
        Error::Corrupt { key, sequence, .. } => {
            add("key", json!(key));
            add("sequence", json!(sequence));
        }
        _ => {}
    }
}
