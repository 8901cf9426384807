//! What went wrong on the way to a server, or there.

use fred::error::{Error, ErrorKind};
use governance_persistence::Source;

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
}

/// The client says so when a command that was redirected has used up its attempts. Where it may be sent only
/// once, that one time it was redirected, and not carried out.
const USED_UP: &str = "Too many failed write attempts";
const NO_ROUTE: &str = "Failed to route command";

impl Failure {
    /// Of the client library's error.
    pub(super) fn of_client(error: Error, clustered: bool) -> Self {
        let text = error.details().to_owned();
        let unsent = text.starts_with(NO_ROUTE) || (text.starts_with(USED_UP) && !clustered);
        match error.kind() {
            ErrorKind::Auth => Self::Refused(text),
            ErrorKind::Config | ErrorKind::Url | ErrorKind::InvalidArgument => Self::Unusable(text),
            ErrorKind::Routing | ErrorKind::Backpressure => Self::NotSent(text, Box::new(error)),
            _ if unsent => Self::NotSent(text, Box::new(error)),
            _ => Self::Lost(text, Box::new(error)),
        }
    }

    /// Of an error while connecting, when nothing was asked yet.
    pub(super) fn of_connecting(error: Error) -> Self {
        let text = error.details().to_owned();
        match error.kind() {
            ErrorKind::Auth => Self::Refused(text),
            ErrorKind::Config | ErrorKind::Url | ErrorKind::Protocol | ErrorKind::Parse => Self::Unusable(text),
            // The server's own words begin with its code.
            ErrorKind::Unknown if text.starts_with(|letter: char| letter.is_ascii_uppercase()) => Self::Refused(text),
            _ => Self::NotSent(text, Box::new(error)),
        }
    }

    /// The same failure of a command that was sent before, without an answer.
    pub(super) fn after_a_cut(self) -> Self {
        match self {
            Self::Refused(text) => {
                let text = format!("the connection was cut, and then: {text}");
                Self::Lost(text.clone(), text.into())
            }
            Self::NotSent(text, source) => Self::Lost(text, source),
            other => other,
        }
    }

    pub(super) fn is_unknown_script(&self) -> bool {
        matches!(self, Self::Refused(text) if text.starts_with("NOSCRIPT"))
    }
}
