//! Nothing wrong: what the suite and the model find is the bug, and not the wrapper.

use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct NoBug;

impl Bug for NoBug {}
