//! The backplanes that cases run on: every case is a function of what it wants to have opened, and a test on each
//! of them. Without the server that it would run on a test is skipped, and says so.

use governance_persistence::{Backplane, InMemoryBackplane};
use std::sync::Arc;

/// A test on every backplane of each of these cases, `async fn(Arc<dyn Backplane>)`.
macro_rules! on_every_backplane {
    ($($case:ident)*) => {
        mod in_memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::$case($crate::backplanes::in_memory()).await;
            })*
        }

        on_every_shared_place! { $($case)* }
    };
}

/// A test on every backplane that processes can share of each of these cases, which may also be
/// `async fn(Address)`.
macro_rules! on_every_shared_place {
    ($($case:ident)*) => {
        on_place! { sqlite $($case)* }
        on_place! { postgres $($case)* }
        on_place! { mariadb $($case)* }
        on_place! { redis $($case)* }
        on_place! { redis_cluster $($case)* }
    };
}

/// A test of each of these cases, on a new place of this kind.
macro_rules! on_place {
    ($place:ident $($case:ident)*) => {
        mod $place {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                if let Some(place) = $crate::places::Place::$place() {
                    $crate::places::run(super::$case, &place).await;
                }
            })*
        }
    };
}

pub(crate) fn in_memory() -> Arc<dyn Backplane> {
    Arc::new(InMemoryBackplane::new())
}
