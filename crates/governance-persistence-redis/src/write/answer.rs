//! What the scripts answer.

use crate::codec;
use crate::error;
use crate::link::Reply;
use governance_persistence::{Error, ExperimentKey, Head, Result, Sequence, Timestamp};

/// The answer of a script that writes.
pub(super) enum Answer {
    Applied {
        sequence: Sequence,
        recorded_at: Timestamp,
    },
    Replayed {
        sequence: Sequence,
        recorded_at: Timestamp,
    },
    CommitIdReused {
        sequence: Sequence,
    },
    Conflict(Box<Head>),
    RecordIdReused {
        index: usize,
        sequence: Sequence,
    },
    Gap {
        head: Sequence,
    },
    AlreadyApplied,
    Diverged,
    /// The experiment has to be listed first.
    Unlisted,
    /// The lists have as many entries, and so end in other chunks than were named.
    Elsewhere([u64; 5]),
}

impl Answer {
    /// Is there a first commit, now or since an attempt whose answer was lost?
    pub(super) fn is_the_first_commit(&self) -> bool {
        matches!(self, Self::Applied { sequence, .. } | Self::Replayed { sequence, .. } if *sequence == Sequence::ZERO.next())
    }

    /// Does it say nothing about what is stored, so that replicas need not have it? What was there already may have
    /// come there just before, and counts only when they have it.
    pub(super) fn wrote_nothing(&self) -> bool {
        !matches!(self, Self::Applied { .. } | Self::Replayed { .. } | Self::AlreadyApplied)
    }

    pub(super) fn decode(key: &ExperimentKey, reply: Reply) -> Result<Self> {
        let items = reply.into_list();
        let sequence = |index: usize| codec::sequence(key, items.get(index));
        let receipt = || {
            let sequence = sequence(1)?;
            Ok::<_, Error>((sequence, codec::timestamp(key, sequence, items.get(2))?))
        };
        let text = |index: usize| items.get(index).and_then(Reply::text).unwrap_or_default();
        match text(0) {
            "applied" => receipt().map(|(sequence, recorded_at)| Self::Applied { sequence, recorded_at }),
            "replayed" => receipt().map(|(sequence, recorded_at)| Self::Replayed { sequence, recorded_at }),
            "commit-id-reused" => Ok(Self::CommitIdReused { sequence: sequence(1)? }),
            "conflict" => Ok(Self::Conflict(Box::new(codec::head(key, &items[1..])?))),
            "record-id-reused" => {
                let index = items.get(1).and_then(Reply::integer).and_then(|index| usize::try_from(index).ok());
                let index = index.ok_or_else(|| unknown("a record that is none"))?;
                Ok(Self::RecordIdReused { index, sequence: sequence(2)? })
            }
            "gap" => Ok(Self::Gap { head: sequence(1)? }),
            "already-applied" => Ok(Self::AlreadyApplied),
            "diverged" => Ok(Self::Diverged),
            "unlisted" => Ok(Self::Unlisted),
            "elsewhere" => {
                let mut entries = [0; 5];
                for (index, entries) in (1..).zip(&mut entries) {
                    *entries = codec::number(key, "the length of a list", items.get(index))?;
                }
                Ok(Self::Elsewhere(entries))
            }
            "fault" => Err(error::at(key, text(1), text(2))),
            "broken" => {
                let problem = format!("a commit was written in part: the key {:?} failed: {}", text(1), text(2));
                Err(Error::corrupt(key, Sequence::ZERO, problem))
            }
            other => Err(unknown(other)),
        }
    }
}

fn unknown(answer: &str) -> Error {
    Error::Backend { reason: format!("the script answered {answer:?}").into(), source: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    /// Every reason that can be told before the first write is. What remains is said as what it is.
    #[test]
    fn given_a_script_that_failed_after_it_had_written_then_it_is_corrupt_and_the_key_is_named() {
        let key = ExperimentKey::new("checkout").unwrap();
        let answer = |first: &'static str| {
            let items = [first, "governance:{//checkout}:head", "ERR something else"].map(str::as_bytes);
            let reply = Reply::List(items.map(|item| Reply::Bytes(Bytes::from_static(item))).into());
            Answer::decode(&key, reply).err().unwrap()
        };
        let broken = answer("broken");
        assert!(matches!(&broken, Error::Corrupt { problem, .. } if problem.contains(":head")), "{broken}");
        assert!(matches!(answer("fault"), Error::Backend { .. }));
        assert!(matches!(answer("something new"), Error::Backend { .. }));
    }
}
