//! Sessions that the server's administrator ends in the middle of commits.

use crate::crash::{Writers, patient};
use crate::place::{Place, run, texts};
use governance_persistence::Backplane;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_sessions_that_are_ended_while_16_commit_then_each_acknowledged_commit_is_there_once() {
    let Some(place) = Place::with_all_or_skip().await else { return };
    let backplane = patient(place.connect().await);
    let writers = Writers::start(&backplane);
    let mut admin = place.admin().await;
    // Only those are met that are in the middle of something.
    let busy = format!(
        "SELECT CAST(ID AS CHAR) FROM information_schema.PROCESSLIST WHERE DB = '{}' AND COMMAND = 'Query' \
         AND ID <> CONNECTION_ID()",
        place.database()
    );
    let mut ended = 0;
    while ended < 20 {
        writers.until(5).await;
        for session in texts(&mut admin, &busy).await {
            // It may have gone by itself in the meantime.
            ended += usize::from(run(&mut admin, &format!("KILL CONNECTION {session}")).await.is_ok());
        }
    }
    writers.until(50).await;
    let ledger = writers.finish().await;
    ledger.check(&backplane).await;
    assert!(backplane.ping().await.is_ok());
}
