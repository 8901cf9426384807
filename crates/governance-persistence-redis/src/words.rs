//! Texts that are sent together, in one allocation: each for itself would take longer to write than the text does.

use bytes::Bytes;
use std::ops::Range;

/// The texts, one behind the other.
#[derive(Debug, Default)]
pub(crate) struct Words {
    text: Vec<u8>,
    spans: Vec<Range<usize>>,
}

impl Words {
    /// Room for so many of them, with so many bytes in all.
    pub(crate) fn with_capacity(words: usize, bytes: usize) -> Self {
        Self { text: Vec::with_capacity(bytes), spans: Vec::with_capacity(words) }
    }

    /// Adds one, made of these parts.
    pub(crate) fn add<P: AsRef<[u8]>>(&mut self, parts: &[P]) {
        let start = self.text.len();
        for part in parts {
            self.text.extend_from_slice(part.as_ref());
        }
        self.spans.push(start..self.text.len());
    }

    /// Adds what is written behind the others, without its first bytes. What fails to be written is not added.
    pub(crate) fn add_written<E>(
        &mut self,
        skipped: usize,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let start = self.text.len();
        write(&mut self.text)?;
        self.spans.push((start + skipped).min(self.text.len())..self.text.len());
        Ok(())
    }

    /// All of them, in order. They share the allocation, and copies of them cost none.
    pub(crate) fn into_bytes(self) -> Vec<Bytes> {
        let text = Bytes::from(self.text);
        self.spans.into_iter().map(|span| text.slice(span)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_in_the_order_of_adding_and_without_what_was_skipped_or_failed() {
        let mut words = Words::with_capacity(2, 4);
        words.add(&["ab", "", "c"]);
        words.add::<&str>(&[]);
        let write = |written: &'static [u8], outcome: Result<(), ()>| {
            move |text: &mut Vec<u8>| {
                text.extend_from_slice(written);
                outcome
            }
        };
        words.add_written(1, write(b"{de", Ok(()))).unwrap();
        assert_eq!(words.add_written(0, write(b"lost", Err(()))), Err(()));
        words.add(&[b"\xff\0"]);
        assert_eq!(words.into_bytes(), [&b"abc"[..], b"", b"de", b"\xff\0"]);
        assert!(Words::default().into_bytes().is_empty());
    }
}
