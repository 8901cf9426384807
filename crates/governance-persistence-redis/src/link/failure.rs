//! What went wrong on the way to a server, or there.

use fred::error::{Error, ErrorKind};
use governance_persistence::Source;
use std::fmt;

/// Why there is no reply to work with.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The server answered with an error.
    Refused(String),
    /// The command never reached a server that could carry it out.
    NotSent(String, Source),
    /// No answer came; the command may have been carried out.
    Lost(String, Source),
    /// The server, or what the URL says, is not what it should be.
    Unusable(String),
    /// The same of an option: which one, what is wrong with it, and what it should be.
    Option { name: &'static str, problem: String, expected: &'static str },
}

/// The client says so when there is no connection to send on.
const NO_ROUTE: &str = "Failed to route command";
/// It says so when a server of a cluster answers that the key is elsewhere, because it may follow no redirection.
const REDIRECTED: &str = "Too many redirections";
/// It says so when no Sentinel could be asked.
const NO_SENTINEL: &str = "Failed to connect to all sentinel nodes";
/// It says so when a Sentinel names no server.
const NO_SERVICE: &str = "Missing primary address";

/// Words in the client library's account of a handshake that failed, the option that they are about, and what of it.
const HANDSHAKE: &[(&str, &str, &str)] = &[
    ("InvalidCertificate(UnknownIssuer)", "tlsCa", "is not the authority that the server's certificate comes from"),
    // It has the same name, and another key.
    ("InvalidCertificate(BadSignature)", "tlsCa", "is not the authority that the server's certificate comes from"),
    ("AlertReceived(CertificateRequired)", "tlsCertificate", "is missing, and the server asks for one"),
    ("AlertReceived(UnknownCA)", "tlsCertificate", "is not from an authority that the server knows"),
    ("AlertReceived(BadCertificate)", "tlsCertificate", "is refused by the server"),
    ("AlertReceived(CertificateUnknown)", "tlsCertificate", "is refused by the server"),
    ("AlertReceived(CertificateExpired)", "tlsCertificate", "has expired, says the server"),
    ("AlertReceived(UnsupportedCertificate)", "tlsCertificate", "is not for clients, says the server"),
    (
        "AlertReceived(HandshakeFailure)",
        "tlsCertificate",
        "is missing or refused, or there is no cipher that both know",
    ),
];

impl Failure {
    pub(super) fn option(name: &'static str, problem: String, expected: &'static str) -> Self {
        Self::Option { name, problem, expected }
    }

    /// Of the client library's error.
    pub(super) fn of_client(error: Error) -> Self {
        let text = error.details().to_owned();
        match error.kind() {
            ErrorKind::Auth => Self::Refused(text),
            ErrorKind::Config | ErrorKind::Url | ErrorKind::InvalidArgument => Self::Unusable(text),
            ErrorKind::Routing | ErrorKind::Backpressure => Self::NotSent(text, Box::new(error)),
            _ if text.starts_with(NO_ROUTE) => Self::NotSent(text, Box::new(error)),
            _ => Self::Lost(text, Box::new(error)),
        }
    }

    /// Of an error while connecting, when nothing was asked yet.
    pub(super) fn of_connecting(error: Error) -> Self {
        let text = error.details().to_owned();
        if let Some((_, name, problem)) = HANDSHAKE.iter().find(|(words, ..)| text.contains(words)) {
            return Self::option(name, (*problem).to_owned(), "what goes with the server's TLS");
        }
        if text.contains("InvalidCertificate(") {
            return Self::Unusable(format!("its certificate is not valid for this connection: {text}"));
        }
        if text.contains("InvalidMessage(InvalidContentType)") {
            return Self::Unusable("it does not speak TLS; without TLS a URL begins with redis".to_owned());
        }
        match error.kind() {
            ErrorKind::Auth => Self::Refused(text),
            ErrorKind::Config | ErrorKind::Url => Self::Unusable(text),
            // It says so of a cluster that is none, too.
            ErrorKind::Protocol | ErrorKind::Parse if text.starts_with("ERR ") => Self::Unusable(text),
            ErrorKind::Protocol | ErrorKind::Parse => {
                Self::Unusable(format!("it does not answer as Redis does ({})", text.trim_end_matches('.')))
            }
            ErrorKind::Sentinel => Self::of_sentinel(text, error),
            // The server's own words begin with its code.
            ErrorKind::Unknown if text.starts_with(|letter: char| letter.is_ascii_uppercase()) => Self::Refused(text),
            ErrorKind::IO if text.contains("ConnectionReset") => {
                let text = format!("{text}; a server that speaks TLS does so to a URL without: rediss://");
                Self::NotSent(text, Box::new(error))
            }
            _ => Self::NotSent(text, Box::new(error)),
        }
    }

    /// The library does not tell who it was, the Sentinel or the server that it named.
    fn of_sentinel(text: String, error: Error) -> Self {
        if text.starts_with(NO_SENTINEL) {
            let text =
                "no Sentinel answers, or none takes sentinelUser and sentinelPassword, or the TLS options".to_owned();
            return Self::NotSent(text, Box::new(error));
        }
        if text.starts_with(NO_SERVICE) {
            return Self::Unusable("the Sentinels know no service of this name".to_owned());
        }
        if text.starts_with("NOAUTH") {
            return Self::Refused(format!("{text} (sentinelPassword is for the Sentinels, the URL for the servers)"));
        }
        match text.split(' ').next() {
            Some("ERR" | "WRONGPASS" | "NOPERM") => Self::Refused(text),
            _ => Self::NotSent(text, Box::new(error)),
        }
    }

    /// Was nothing done because the key has moved to another server of the cluster, or is about to?
    pub(super) fn is_about_moving(&self) -> bool {
        match self {
            Self::Refused(text) => ["TRYAGAIN", "MOVED ", "ASK "].iter().any(|code| text.starts_with(code)),
            Self::NotSent(text, _) => text.starts_with(REDIRECTED),
            Self::Lost(..) | Self::Unusable(_) | Self::Option { .. } => false,
        }
    }

    /// The host and port that has the key now, if the server said so: `MOVED 3999 127.0.0.1:6381`.
    pub(super) fn moved_to(&self) -> Option<(&str, u16)> {
        let Self::Refused(text) = self else { return None };
        let (_, address) = text.strip_prefix("MOVED ")?.split_once(' ')?;
        let (host, port) = address.trim().rsplit_once(':')?;
        // Without a host the server means its own, as it is seen from here.
        Some((host, port.parse().ok()?)).filter(|(host, _)| !host.is_empty())
    }

    /// Does the server say that it only reads?
    pub(super) fn is_of_a_replica(&self) -> bool {
        matches!(self, Self::Refused(text) if text.starts_with("READONLY"))
    }

    /// Is it over with this connection? Its answers were lost, or it leads to a server that does not write any more.
    pub(super) fn is_about_the_connection(&self) -> bool {
        match self {
            Self::Refused(text) => self.is_of_a_replica() || text.starts_with("UNBLOCKED"),
            Self::NotSent(..) | Self::Lost(..) | Self::Unusable(_) | Self::Option { .. } => true,
        }
    }

    /// The same for another who waited for the same connection.
    pub(super) fn like(&self, text: &str) -> Self {
        match self {
            Self::Refused(_) => Self::Refused(text.to_owned()),
            Self::NotSent(..) => Self::NotSent(text.to_owned(), text.into()),
            Self::Lost(..) => Self::Lost(text.to_owned(), text.into()),
            Self::Unusable(_) => Self::Unusable(text.to_owned()),
            Self::Option { name, problem, expected } => Self::option(name, problem.clone(), expected),
        }
    }

    pub(super) fn is_unknown_script(&self) -> bool {
        matches!(self, Self::Refused(text) if text.starts_with("NOSCRIPT"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(text) | Self::NotSent(text, _) | Self::Lost(text, _) | Self::Unusable(text) => {
                f.write_str(text)
            }
            Self::Option { name, problem, .. } => write!(f, "{name} {problem}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_says_where_a_key_has_moved() {
        let refused = |text: &str| Failure::Refused(text.to_owned());
        assert_eq!(refused("MOVED 3999 127.0.0.1:6381").moved_to(), Some(("127.0.0.1", 6_381)));
        assert_eq!(refused("MOVED 3999 ::1:6381").moved_to(), Some(("::1", 6_381)));
        assert_eq!(refused("MOVED 3999 :6381").moved_to(), None);
        assert_eq!(refused("ASK 3999 127.0.0.1:6381").moved_to(), None);
    }
}
