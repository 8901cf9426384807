//! The connections, and which of them a command goes over.

use super::Failure;
use super::open::Connection;
use crate::RedisOptions;
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How many commands one connection carries before the next has a share. A server takes in at most 16 KiB of a
/// connection at a look, which is about a dozen commits, and syncs its file once for all that it found at that look.
/// Fewer connections mean more commands in a packet.
const BATCH: usize = 16;

/// The connections of a backplane: there is at least one.
pub(super) struct Pool {
    slots: Vec<Slot>,
}

struct Slot {
    connection: Connection,
    under_way: AtomicUsize,
}

/// A connection with one more command under way, for as long as this is kept.
pub(super) struct Lease<'a> {
    slot: &'a Slot,
}

impl Pool {
    pub(super) async fn open(options: &RedisOptions) -> Result<Self, Failure> {
        let mut slots = Vec::with_capacity(options.get_connections());
        for _ in 0..options.get_connections() {
            slots.push(Slot { connection: Connection::open(options).await?, under_way: AtomicUsize::new(0) });
        }
        Ok(Self { slots })
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// The connection that the next command goes over.
    pub(super) fn lease(&self) -> Lease<'_> {
        // There is at least one. Others may take a share at this moment too: it is about evenness alone.
        let loads = self.slots.iter().map(|slot| slot.under_way.load(Ordering::Relaxed));
        let chosen = &self.slots[chosen(loads)];
        chosen.under_way.fetch_add(1, Ordering::Relaxed);
        Lease { slot: chosen }
    }

    pub(super) async fn close(&self, patience: Duration) {
        for slot in &self.slots {
            slot.connection.close(patience).await;
        }
    }
}

impl Deref for Lease<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.slot.connection
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        self.slot.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The first connection that has room in its batch; when none has, the first with the least under way.
fn chosen(loads: impl Iterator<Item = usize>) -> usize {
    let (mut chosen, mut least) = (0, usize::MAX);
    for (index, load) in loads.enumerate() {
        if load < BATCH {
            return index;
        }
        if load < least {
            (chosen, least) = (index, load);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_filled_before_the_next_has_a_share() {
        for (loads, expected) in [
            ([0, 0, 0], 0),
            ([BATCH - 1, 0, 0], 0),
            ([BATCH, 0, 0], 1),
            ([BATCH, BATCH, BATCH - 1], 2),
            ([BATCH + 2, BATCH, BATCH], 1),
            ([BATCH, BATCH, BATCH], 0),
        ] {
            assert_eq!(chosen(loads.into_iter()), expected, "{loads:?}");
        }
    }
}
