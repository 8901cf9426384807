//! What a failure means to the caller.

use crate::link::{Does, Failure};
use governance_persistence::{Error, ExperimentKey, Sequence};

/// The error of a command that failed while `doing` something.
pub(crate) fn of(doing: &str, failure: Failure, does: Does) -> Error {
    match failure {
        Failure::Refused(text) => of_server(doing, &text),
        Failure::NotSent(text, source) => match of_system(&text) {
            // The source says no more than that.
            Some(words) => Error::not_applied(format!("{doing}: {words}"), None),
            None => Error::not_applied(format!("{doing}: {text}"), Some(source)),
        },
        Failure::Lost(text, source) if does == Does::Read => {
            Error::not_applied(format!("{doing}: {text}"), Some(source))
        }
        Failure::Lost(text, source) => Error::unknown(format!("{doing}: {text}"), Some(source)),
        Failure::Unusable(text) if text.contains("cluster support disabled") => {
            let why = "it is one server and no cluster; connect to it by redis://";
            Error::Unsupported { what: "this server".into(), why: why.into() }
        }
        Failure::Unusable(text) => {
            Error::Unsupported { what: "this server".into(), why: format!("{doing}: {text}").into() }
        }
        Failure::Option { name, problem, expected } => Error::invalid(name, problem, expected),
    }
}

/// The words of the operating system, out of what the client library makes of its error, and what we have to say
/// behind it.
fn of_system(text: &str) -> Option<String> {
    if !(text.starts_with("Os {") || text.starts_with("Custom {")) {
        return None;
    }
    let (_, words) = text.split_once("message: \"").or_else(|| text.split_once("error: \""))?;
    let (words, rest) = words.split_once('"').unwrap_or((words, ""));
    let ours = rest.rsplit_once('}').map_or("", |(_, ours)| ours);
    Some(format!("{}{ours}", words.to_lowercase()))
}

/// The same of a command on keys of an experiment, of which `name` is the first.
pub(crate) fn on(key: &ExperimentKey, name: &[u8], doing: &str, failure: Failure, does: Does) -> Error {
    match failure {
        Failure::Refused(text) if is_wrong_type(&text) => {
            let name = String::from_utf8_lossy(name);
            Error::corrupt(key, Sequence::ZERO, format!("{doing}: {name:?}: {text}"))
        }
        other => of(doing, other, does),
    }
}

/// The same of a command on the listing, which is sent again without harm.
pub(crate) fn of_listing(listing: &str, doing: &str, failure: Failure) -> Error {
    match failure {
        Failure::Refused(text) if is_wrong_type(&text) => {
            let reason = format!(
                "{doing}: {listing:?} is no sorted set, so it is not the listing; delete that key, and reindex"
            );
            Error::Backend { reason: reason.into(), source: None }
        }
        other => of(doing, other, Does::Read),
    }
}

/// The error of a script that found it could not read or write `name`, before it wrote anything.
pub(crate) fn at(key: &ExperimentKey, name: &str, text: &str) -> Error {
    if is_wrong_type(text) || text.starts_with("DAMAGED") {
        return Error::corrupt(key, Sequence::ZERO, format!("{name:?}: {text}"));
    }
    // A name may hold any word; it is the server's words that count.
    of_server(&format!("the script stopped at the key {name:?}"), text)
}

/// Errors by which a server says that it did nothing, and that it may do so later; and what they mean.
const LATER: &[(&str, &str)] = &[
    ("OOM ", "the server is full: its maxmemory is used up"),
    ("READONLY", "the server only reads: it is a replica"),
    ("TRYAGAIN", "the keys are moving to another server of the cluster"),
    ("CLUSTERDOWN", "the cluster is incomplete"),
    ("LOADING", "the server is still loading its data"),
    ("MASTERDOWN", "the server is a replica without its master"),
    ("MISCONF", "the server cannot write to its disk"),
    ("NOREPLICAS", "the server misses replicas that it must have"),
    ("BUSY", "the server is busy with a script of somebody"),
    ("max number of clients", "the server takes no more connections"),
];

/// The same, where only the first word counts.
const ELSEWHERE: &[&str] = &["MOVED ", "ASK "];

/// Errors about the user.
const LOGIN: &[&str] = &["WRONGPASS", "NOAUTH", "AUTH", "invalid password", "invalid username-password"];
/// Errors about what the user may do.
const RIGHTS: &[&str] = &["NOPERM", "can't run this command", "can't access at least one", "has no permissions"];

fn of_server(doing: &str, text: &str) -> Error {
    if let Some((_, meaning)) = LATER.iter().find(|(code, _)| text.contains(code)) {
        return Error::not_applied(format!("{doing}: {meaning} ({text})"), None);
    }
    if ELSEWHERE.iter().any(|code| text.starts_with(code)) {
        return Error::not_applied(format!("{doing}: another server of the cluster has the keys ({text})"), None);
    }
    if is_about_rights(text) {
        let why = format!("{doing}: {text}; see docs/redis.md for the rights it needs");
        return Error::Unsupported { what: "what this user is asked to do".into(), why: why.into() };
    }
    if LOGIN.iter().any(|words| text.contains(words)) {
        return Error::invalid("connectionString", format!("is refused by the server: {text}"), "a user it knows");
    }
    if text.contains("unknown command") || text.contains("cluster support disabled") {
        return Error::Unsupported { what: "this server".into(), why: format!("{doing}: {text}").into() };
    }
    if text.contains("DB index is out of range") {
        return Error::invalid(
            "connectionString",
            format!("names a database that is not there: {text}"),
            "one that is",
        );
    }
    Error::Backend { reason: format!("{doing}: {text}").into(), source: None }
}

/// Does the server say that the user may not do it?
pub(crate) fn is_about_rights(text: &str) -> bool {
    RIGHTS.iter().any(|words| text.contains(words))
}

fn is_wrong_type(text: &str) -> bool {
    text.contains("WRONGTYPE")
}

#[cfg(test)]
mod tests {
    use super::*;
    use governance_persistence::Outcome;

    #[test]
    fn what_a_server_says_is_told_by_its_code() {
        let of = |text: &str| of("committing", Failure::Refused(text.to_owned()), Does::Write);
        let oom = of("OOM command not allowed when used memory > 'maxmemory'. script: 1, on @user_script:9.");
        assert!(oom.is_retryable() && oom.outcome() == Outcome::NotApplied);
        assert!(of("READONLY You can't write against a read only replica.").is_retryable());
        assert!(of("TRYAGAIN Multiple keys request during rehashing of slot").is_retryable());
        assert!(of("MOVED 3999 127.0.0.1:6381").is_retryable() && of("ASK 3999 127.0.0.1:6381").is_retryable());
        assert!(matches!(of("WRONGPASS invalid username-password pair or user is disabled."), Error::Invalid(_)));
        assert!(matches!(
            of("NOPERM this user has no permissions to run the 'get' command"),
            Error::Unsupported { .. }
        ));
        assert!(matches!(of("ERR something else"), Error::Backend { .. }));
    }

    #[test]
    fn a_lost_reply_is_unknown_only_where_something_may_have_been_written() {
        let lost = || Failure::Lost("cut".to_owned(), "cut".into());
        assert_eq!(of("reading", lost(), Does::Read).outcome(), Outcome::NotApplied);
        assert_eq!(of("committing", lost(), Does::Write).outcome(), Outcome::Unknown);
    }

    #[test]
    fn what_the_system_says_is_told_in_its_words() {
        let refused = r#"Os { code: 111, kind: ConnectionRefused, message: "Connection refused" }"#;
        let error = of("connecting", Failure::NotSent(refused.to_owned(), "IO".into()), Does::Read);
        assert!(error.to_string().ends_with("connecting: connection refused"), "{error}");
        let unknown = r#"Custom { kind: Uncategorized, error: "failed to lookup address information: x" }"#;
        assert_eq!(of_system(unknown).as_deref(), Some("failed to lookup address information: x"));
        assert_eq!(of_system("no connection within connectTimeout"), None);
        let reset =
            r#"Os { code: 104, kind: ConnectionReset, message: "Connection reset by peer" }; perhaps it is TLS"#;
        let error = of("connecting", Failure::NotSent(reset.to_owned(), "IO".into()), Does::Read);
        assert!(error.to_string().ends_with("connection reset by peer; perhaps it is TLS"), "{error}");
    }

    #[test]
    fn a_key_of_the_wrong_type_is_corrupt_and_named() {
        let key = ExperimentKey::new("checkout").unwrap();
        let error = at(&key, "governance:{//checkout}:state", "WRONGTYPE Operation against a key");
        assert!(matches!(&error, Error::Corrupt { problem, .. } if problem.contains(":state")), "{error}");
        assert!(at(&key, "k", "OOM command not allowed").is_retryable());
        assert!(!at(&key, "governance:{//BUSY}:state", "ERR something else").is_retryable());
    }
}
