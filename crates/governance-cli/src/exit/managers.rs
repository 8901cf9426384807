//! What managers answer: which exit code that is, and what to do next.

use super::{Code, cause};
use crate::output::quote;
use governance::{Error, GateObjection, NotPendingCause, Objection, Refusal};
use governance_persistence::{ExperimentKey, LifecycleState};
use serde_json::{Map, Value, json};

pub(super) fn classify(error: &Error) -> (Code, &'static str) {
    match error {
        Error::NotAllowed(_) => (Code::Failure, "notAllowed"),
        Error::Refused(_) => (Code::Refused, "refused"),
        Error::SelfApproval { .. } => (Code::Refused, "selfApproval"),
        Error::NothingToApprove { .. } => (Code::Failure, "nothingToApprove"),
        Error::NotPending(not) if not.cause == NotPendingCause::NeverRequested => (Code::NotFound, "notPending"),
        Error::NotPending(_) => (Code::Conflict, "notPending"),
        Error::Contended { .. } => (Code::Unavailable, "contended"),
        Error::NoSuchVersion { .. } | Error::NoSuchPolicy { .. } => (Code::NotFound, "notFound"),
        _ => (Code::Failure, "governance"),
    }
}

/// What to do next.
pub(super) fn help(error: &Error) -> Option<String> {
    let help = match error {
        // It names the moves that there are.
        Error::NotAllowed(_) => "`governance state` shows where it is",
        Error::Refused(refusal) => {
            let sequence = refusal.receipt.sequence;
            return Some(format!("the experiment is where it was; the refusal is recorded as sequence {sequence}"));
        }
        Error::SelfApproval { .. } => "let somebody else decide, and say who by --actor",
        Error::NothingToApprove { .. } => "use `governance transition`",
        Error::NotPending(not) if not.cause == NotPendingCause::Expired => {
            "`governance request` asks anew, also where its history came by `copy` or `import`: an open request does not \
             travel along"
        }
        Error::NotPending(_) => "`governance pending` lists what waits; `governance request` asks anew",
        Error::Contended { .. } => "repeat the command",
        Error::NoSuchVersion { .. } => "`governance version list` shows those there are, `version put` adds one",
        Error::NoSuchPolicy { .. } => {
            "policies are set up in the configuration file; `governance policies` shows what was evaluated before"
        }
        _ => return None,
    };
    Some(help.to_owned())
}

/// The message for people: of a refusal, each objection by itself, and what to do about it.
pub(super) fn message(error: &Error) -> String {
    let Error::Refused(refusal) = error else {
        return error.to_string();
    };
    let Refusal { key, from, to, actor, objections, .. } = &**refusal;
    let mut message = format!("{key} may not go from {from} to {to} for {actor}:");
    for objection in objections {
        message.push_str(&format!("\n  - {objection}\n    {}", next(key, *to, objection)));
    }
    message
}

/// What to do about an objection.
fn next(key: &ExperimentKey, to: LifecycleState, objection: &Objection) -> String {
    let name = quote(key.name());
    let request = || match to {
        LifecycleState::RolledBack => format!("`governance request {name} {to}`, for a rollback with --restoring N"),
        LifecycleState::Running | LifecycleState::Ramping => {
            format!(
                "`governance request {name} {to}`, with the --version or --configuration of the move, if it has one"
            )
        }
        _ => format!("`governance request {name} {to}`"),
    };
    match objection {
        Objection::Policy { policy, is_set_up: false, .. } => format!(
            "the configuration does not have it: whoever evaluates it has to find that it complies; if nobody does any \
             more, `governance policies {name} --disable {}` switches it off",
            quote(policy)
        ),
        Objection::Policy { .. } => format!(
            "`governance policies {name}` shows what it goes by; --traffic, --error-rate and --telemetry tell it what \
             was measured"
        ),
        Objection::Gate { cause, .. } => match cause {
            GateObjection::NotRequested { .. } => format!("ask them: {}", request()),
            GateObjection::Waiting { transition_id, .. } => {
                format!("wait for, or be, the next one: `governance approve {name} --transition {transition_id}`")
            }
            GateObjection::QuorumRaised { .. } => format!("ask anew, for what it needs: {}", request()),
            GateObjection::RejectedBy { .. } => format!("mend what was rejected, then ask anew: {}", request()),
            GateObjection::ConfigurationChanged { .. } => {
                format!("ask anew, so that people see what they approve: {}", request())
            }
            GateObjection::Rejected { .. } => "if it asks for a role, --role names those of the actor".to_owned(),
            GateObjection::Failed { .. } => "repeat the command; if it stays so, see what the gate needs".to_owned(),
            _ => "look at `governance history`".to_owned(),
        },
        _ => "look at `governance history`".to_owned(),
    }
}

/// What programs learn besides.
pub(super) fn add_details(object: &mut Map<String, Value>, error: &Error) {
    let mut add = |name: &str, value: Value| drop(object.insert(name.to_owned(), value));
    match error {
        Error::NotAllowed(not) => {
            add("key", json!(not.key));
            add("from", json!(not.from));
            add("to", json!(not.to));
            add("allowed", json!(not.allowed));
        }
        Error::Refused(refusal) => {
            let Refusal { key, from, to, actor, objections, receipt, .. } = &**refusal;
            let objections = objections.iter().map(|it| objection(key, *to, it)).collect();
            add("key", json!(key));
            add("from", json!(from));
            add("to", json!(to));
            add("actor", json!(actor));
            add("objections", objections);
            add("sequence", json!(receipt.sequence));
            add("commitId", json!(receipt.commit_id));
        }
        Error::SelfApproval { key, gate, approver } => {
            add("key", json!(key));
            add("gate", json!(gate));
            add("approver", json!(approver));
        }
        Error::NotPending(not) => {
            add("key", json!(not.key));
            add("transitionId", json!(not.transition_id));
            if let Value::Object(said) = cause::of_request(&not.cause) {
                said.into_iter().for_each(|(name, value)| add(&name, value));
            }
        }
        Error::NothingToApprove { key, .. }
        | Error::Contended { key, .. }
        | Error::NoSuchVersion { key, .. }
        | Error::NoSuchPolicy { key, .. } => add("key", json!(key)),
        _ => {}
    }
}

fn objection(key: &ExperimentKey, to: LifecycleState, objection: &Objection) -> Value {
    let mut value = match objection {
        Objection::Gate { gate, cause } => {
            let mut value = cause::of_gate(cause);
            value["gate"] = json!(gate);
            value["problem"] = json!(cause.to_string());
            value
        }
        Objection::Policy { policy, reason, evaluation, is_set_up } => {
            let cause = if *is_set_up { "notCompliant" } else { "notSetUp" };
            json!({"cause": cause, "policy": policy, "problem": reason, "evaluation": evaluation})
        }
        other => json!({"problem": other.to_string()}),
    };
    value["help"] = json!(next(key, to, objection));
    value
}
