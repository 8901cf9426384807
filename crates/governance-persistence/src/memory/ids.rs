//! The ids that an experiment has used, and where.
//!
//! An id that was just made is a UUID of version 7 as a rule, so ids come in the order in which they
//! are made. Those that do stand in a sorted run, at whose end a new one is known to be new at a
//! glance; all others stand in a map beside it.

use super::HashMap;
use crate::Sequence;
use std::hash::Hash;

#[derive(Debug)]
pub(super) struct Ids<I> {
    run: Vec<(I, Sequence)>,
    /// Each was smaller than the end of the run when it came.
    others: HashMap<I, Sequence>,
}

impl<I> Default for Ids<I> {
    fn default() -> Self {
        Self { run: Vec::new(), others: HashMap::default() }
    }
}

impl<I: Copy + Ord + Hash> Ids<I> {
    /// The sequence of the commit that used the id.
    pub(super) fn get(&self, id: I) -> Option<Sequence> {
        if self.is_beyond(id) {
            return None;
        }
        let found = self.run.binary_search_by_key(&id, |(known, _)| *known);
        found.ok().map(|index| self.run[index].1).or_else(|| self.others.get(&id).copied())
    }

    /// Keeps an id that is not there yet.
    pub(super) fn insert(&mut self, id: I, sequence: Sequence) {
        if self.is_beyond(id) {
            self.run.push((id, sequence));
        } else {
            self.others.insert(id, sequence);
        }
    }

    fn is_beyond(&self, id: I) -> bool {
        self.run.last().is_none_or(|(last, _)| *last < id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_ids_in_any_order_when_asked_then_each_is_where_it_was_used_and_no_other_is_there() {
        let mut ids = Ids::default();
        let used = [5_u32, 9, 7, 12, 1, 8, 30];
        for (sequence, id) in (1..).zip(used) {
            ids.insert(id, Sequence::new(sequence).unwrap());
        }
        for id in 0..=31 {
            let expected = used.iter().position(|used| *used == id).map(|index| index as u64 + 1);
            assert_eq!(ids.get(id).map(Sequence::get), expected, "{id}");
        }
        assert_eq!((ids.run.len(), ids.others.len()), (4, 3));
    }
}
