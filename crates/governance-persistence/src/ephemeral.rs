//! Small things that expire: pending requests, hints, locks that may be lost.

use crate::limits::MAX_COMMIT_BYTES;
use crate::{Error, ExperimentKey, Fault, Json, Result, Timestamp, text};
use async_trait::async_trait;
use serde::Serialize;
use std::{fmt, sync::Arc, time::Duration};

macro_rules! label_newtype {
    ($(#[$doc:meta])* $name:ident, $field:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// A label of one line, 1 to 200 characters.
            ///
            /// # Errors
            ///
            /// [`Error::Invalid`] when it is empty, too long, or holds control characters or
            /// outer white space.
            pub fn new(label: &str) -> Result<Self> {
                text::check_label($field, label)?;
                Ok(Self(label.into()))
            }

            /// The label as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

label_newtype! {
    /// The kind of an ephemeral, `pending-approval` say.
    EphemeralKind, "ephemeral kind"
}

label_newtype! {
    /// The id of an ephemeral within its experiment and kind.
    EphemeralId, "ephemeral id"
}

/// How long an ephemeral lives: whole milliseconds, from 1 ms to 366 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeToLive(Duration);

impl TimeToLive {
    /// The longest, 366 days.
    pub const MAX: Self = Self(Duration::from_secs(366 * 24 * 60 * 60));

    /// A time to live; what is finer than a millisecond is rounded up.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for zero and over 366 days.
    pub fn new(duration: Duration) -> Result<Self> {
        if duration.is_zero() || duration > Self::MAX.0 {
            let expected = "more than zero and at most 366 days";
            return Err(Fault::new("time to live", format!("is {duration:?}"), expected).into());
        }
        let millis = duration.as_nanos().div_ceil(1_000_000);
        Ok(Self(Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))))
    }

    /// The duration.
    pub const fn get(self) -> Duration {
        self.0
    }
}

/// A value that expires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EphemeralItem {
    /// Its id within the experiment and kind.
    #[serde(serialize_with = "as_text")]
    pub id: EphemeralId,
    /// The value.
    pub value: Json,
    /// When it expires, by the store's clock.
    pub expires_at: Timestamp,
}

fn as_text<S: serde::Serializer>(id: &EphemeralId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(id.as_str())
}

impl EphemeralItem {
    /// A value that expires at `expires_at`.
    pub fn new(id: EphemeralId, value: Json, expires_at: Timestamp) -> Self {
        Self { id, value, expires_at }
    }
}

/// For backplanes: refuses a value of over 1 MiB, before any I/O.
///
/// # Errors
///
/// [`Error::Invalid`] when it is larger.
pub fn check_ephemeral_value(value: &Json) -> Result<()> {
    let size = value.as_str().len();
    if size <= MAX_COMMIT_BYTES {
        return Ok(());
    }
    let expected = format!("at most {MAX_COMMIT_BYTES} bytes of canonical JSON");
    Err(Error::invalid("ephemeral value", format!("has {size} bytes"), expected))
}

/// A small store of values that expire, by experiment, kind and id.
///
/// Ephemerals are not history: they are overwritten, leave no log entry, and are gone when their
/// time is over, which the **store's** clock judges, whatever the callers' clocks say. What must
/// not be lost belongs into a commit.
#[async_trait]
pub trait Ephemeral: Send + Sync {
    /// Puts a value, in place of the one that is there. Its time to live starts anew.
    async fn put(
        &self,
        key: &ExperimentKey,
        kind: &EphemeralKind,
        id: &EphemeralId,
        value: &Json,
        time_to_live: TimeToLive,
    ) -> Result<()>;

    /// The value, unless there is none or it expired.
    async fn get(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<Option<EphemeralItem>>;

    /// All values of the kind that have not expired, by id.
    async fn list(&self, key: &ExperimentKey, kind: &EphemeralKind) -> Result<Vec<EphemeralItem>>;

    /// Removes a value. Tells whether one was there that had not expired.
    async fn remove(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<bool>;
}
