//! Sessions that the server's administrator ends in the middle of commits.

use crate::crash::{Writers, patient};
use crate::place::{Place, texts};
use governance_persistence::Backplane;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_sessions_that_are_ended_while_16_commit_then_each_acknowledged_commit_is_there_once() {
    let Some(place) = Place::with_all_or_skip().await else { return };
    let backplane = patient(place.connect().await);
    let writers = Writers::start(&backplane);
    let mut admin = place.admin().await;
    let of_this_place = format!(
        "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE pid <> pg_backend_pid() \
         AND application_name = 'governance' AND pid IN \
         (SELECT pid FROM pg_locks l JOIN pg_class c ON c.oid = l.relation \
         WHERE c.relnamespace = '{}'::regnamespace)",
        place.schema()
    );
    // Only those are met that are in the middle of something.
    let mut ended = 0;
    while ended < 20 {
        writers.until(5).await;
        ended += texts(&mut admin, &of_this_place).await.len();
    }
    writers.until(50).await;
    let ledger = writers.finish().await;
    ledger.check(&backplane).await;
    assert!(backplane.ping().await.is_ok());
}
