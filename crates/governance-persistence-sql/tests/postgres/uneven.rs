//! One long history among many short ones. Statistics then say that an experiment has few commits, and a
//! plan that believes it reads all of the long one's to find a few.

use crate::place::{Place, run, texts};
use futures_util::{StreamExt, TryStreamExt, stream};
use governance_persistence::{
    Backplane, BackplaneExt, Commit, Consistency, Expected, ExperimentKey, HistoryQuery, Record, RecordKind,
};
use governance_persistence_conformance::samples;
use governance_persistence_sql::{SqlBackplane, SqlOptions};
use sqlx::PgConnection;
use std::time::Duration;

const LONG: usize = 2_000;
const SHORT: usize = 600;
/// What parallel workers cost, as the planner sees it.
const FOR_NOTHING: [&str; 4] =
    ["parallel_setup_cost", "parallel_tuple_cost", "min_parallel_table_scan_size", "min_parallel_index_scan_size"];
/// How many records a page has, and two for the look to see if there are more.
const PAGE: u64 = 102;

async fn append(
    backplane: &dyn Backplane,
    key: &ExperimentKey,
    records: Vec<Record>,
) -> governance_persistence::Result<()> {
    let commit = Commit::builder(key, Expected::Any).records(records).build()?;
    backplane.commit(&commit).await.map(drop)
}

/// How many entries of the log's indexes were read in all.
async fn read_so_far(connection: &mut PgConnection, place: &Place) -> u64 {
    let sum = format!(
        "SELECT coalesce(sum(idx_tup_read), 0)::text FROM pg_stat_user_indexes \
         WHERE schemaname = '{}' AND relname = 'governance_commits'",
        place.schema()
    );
    texts(connection, &sum).await[0].parse().expect("it is a count")
}

/// The same when all sessions that have ended have told it. Nothing says that they have, so it is waited for until the
/// count rests.
async fn settled(connection: &mut PgConnection, place: &Place) -> u64 {
    let mut before = read_so_far(connection, place).await;
    loop {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let now = read_so_far(connection, place).await;
        if now == before {
            return now;
        }
        before = now;
    }
}

/// What one read reads of the log. The server counts it when the connections are closed, or before.
async fn cost<F: Future<Output = ()>>(place: &Place, url: &str, read: impl FnOnce(SqlBackplane) -> F) -> u64 {
    let mut observer = place.plain().await;
    let before = settled(&mut observer, place).await;
    read(SqlBackplane::connect(&SqlOptions::new(url).unwrap()).await.unwrap()).await;
    let counted = async {
        while read_so_far(&mut observer, place).await == before {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        settled(&mut observer, place).await - before
    };
    tokio::time::timeout(Duration::from_secs(60), counted).await.expect("the server counts what is read")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_one_long_history_among_many_short_ones_when_it_is_read_then_only_what_is_asked_for_is_read() {
    let Some(place) = Place::with_all_or_skip().await else { return };
    let filling = place.connect().await;
    let long = ExperimentKey::new("long").unwrap();
    let short: Vec<_> = (0..SHORT).map(|n| ExperimentKey::new(&format!("short-{n}")).unwrap()).collect();
    let keys = short.iter().chain(std::iter::repeat_n(&long, LONG));
    let appending = keys.map(|key| append(&filling, key, vec![samples::transition().into()]));
    stream::iter(appending).buffer_unordered(64).try_collect::<Vec<()>>().await.unwrap();
    append(&filling, &long, samples::one_of_each(1)).await.unwrap();
    filling.close().await.unwrap();
    let mut admin = place.admin().await;
    run(&mut admin, "ANALYZE").await.unwrap();

    // A server that finds parallel workers cheap, as any does for a history of a million, starts some for a page, and
    // each reads one of its own.
    let parallel = FOR_NOTHING.map(|setting| format!("%20-c%20{setting}%3D0")).concat();
    let urls = [place.url(), format!("{}{parallel}", place.url())];
    for url in &urls {
        let read = cost(&place, url, async |backplane| {
            let query = HistoryQuery::new(RecordKind::Transition).newest_first();
            let page = backplane.history(&long, &query, Consistency::Strong).await.unwrap();
            assert_eq!(page.items.len(), 100);
            backplane.close().await.unwrap();
        });
        let read = read.await;
        assert!(read <= PAGE, "{read}: {url}");
    }
    let read = cost(&place, &urls[0], async |backplane| {
        backplane.get_latest_configuration_version(&long).await.unwrap().expect("there is one");
        backplane.close().await.unwrap();
    });
    let read = read.await;
    assert!(read <= 2, "{read}");
}
