//! Stores nothing durably: what was written is gone with the handle.

use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct KeepsItInTheHandle;

impl Bug for KeepsItInTheHandle {
    fn open(&self, _: &InMemoryBackplane) -> InMemoryBackplane {
        InMemoryBackplane::new()
    }
}
