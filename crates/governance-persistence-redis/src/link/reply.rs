//! A server's reply.
//!
//! The client library takes a list for a message to subscribers by what is in it: one of three or four that begins
//! with `message`, `smessage`, `pmessage`, `subscribe` or the like. Such a list is dropped, and every later reply on
//! that connection goes to the command before its own. So no list may begin with what users choose:
//!
//! | sent | its list begins with |
//! |---|---|
//! | the scripts | a word of theirs; so do members of sorted sets, which come by a script |
//! | `LRANGE`, and `HMGET` of versions | a record or an entry, which is JSON and begins with a brace |
//! | `HMGET` of a head | a number, and it has seven |
//! | `ZMSCORE` | a score |
//! | `SCAN`, `ZSCAN` | the cursor; what is in the list within is not looked at before it has its command |
//! | `CONFIG GET` | the name of the setting |

use super::Failure;
use bytes::Bytes;
use fred::types::Resp3Frame;

/// A reply that is no error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Nil,
    Integer(i64),
    Bytes(Bytes),
    List(Vec<Self>),
}

impl Reply {
    pub(super) fn of_frame(frame: Resp3Frame) -> Result<Self, Failure> {
        match frame {
            Resp3Frame::SimpleError { data, .. } => Err(Failure::Refused(data.to_string())),
            Resp3Frame::BlobError { data, .. } => Err(Failure::Refused(String::from_utf8_lossy(&data).into_owned())),
            Resp3Frame::Null => Ok(Self::Nil),
            Resp3Frame::Number { data, .. } => Ok(Self::Integer(data)),
            Resp3Frame::BlobString { data, .. } | Resp3Frame::SimpleString { data, .. } => Ok(Self::Bytes(data)),
            Resp3Frame::Array { data, .. } => {
                data.into_iter().map(Self::of_frame).collect::<Result<_, _>>().map(Self::List)
            }
            // A list within another that the library takes for a message is one all the same, behind a word of its own.
            Resp3Frame::Push { data, .. } => {
                data.into_iter().skip(1).map(Self::of_frame).collect::<Result<_, _>>().map(Self::List)
            }
            _ => Err(Failure::Unusable("the server sent a kind of reply that nobody asked for".to_owned())),
        }
    }

    /// Does a script say that the server only reads? It finds so in the middle, and answers with what it found: see
    /// `write.lua`.
    pub(super) fn is_of_a_replica(&self) -> bool {
        let Self::List(items) = self else { return false };
        let [fault, _, text] = &items[..] else { return false };
        fault.text() == Some("fault") && text.text().is_some_and(|text| text.contains("READONLY"))
    }

    /// The items of a list; another reply is a list of itself.
    pub(crate) fn into_list(self) -> Vec<Self> {
        match self {
            Self::List(items) => items,
            Self::Nil => Vec::new(),
            other => vec![other],
        }
    }

    /// The text of a reply that has one.
    pub(crate) fn bytes(&self) -> Option<&Bytes> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        self.bytes().and_then(|bytes| std::str::from_utf8(bytes).ok())
    }

    /// The number, also one that stands as text.
    pub(crate) fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            other => other.text()?.parse().ok(),
        }
    }
}
