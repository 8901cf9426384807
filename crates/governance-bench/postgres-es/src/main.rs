//! The event store postgres-es, for the benchmark to compare with: it appends events as they come, and
//! tells how long that took.
//!
//! It is called with the URL of a database and with the number of writers, each of which has an aggregate
//! of its own. The first line it reads is the payload of every event, as JSON. Each further line is a
//! number of events; all writers together append so many, or a few more, and it answers with a line: how
//! many they were, and how many nanoseconds they took.

mod aggregate;
mod writer;

use aggregate::Change;
use anyhow::{Context, Result};
use postgres_es::PostgresEventRepository;
use sqlx::postgres::PgPoolOptions;
use std::io::{BufRead, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use writer::Writer;

/// As postgres-es has it in its `db/init.sql`.
const SCHEMA: &str = "
CREATE TABLE events
(
    aggregate_type text                         NOT NULL,
    aggregate_id   text                         NOT NULL,
    sequence       bigint CHECK (sequence >= 0) NOT NULL,
    event_type     text                         NOT NULL,
    event_version  text                         NOT NULL,
    payload        json                         NOT NULL,
    metadata       json                         NOT NULL,
    PRIMARY KEY (aggregate_type, aggregate_id, sequence)
)";

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().context("which database? Its URL comes first")?;
    let writers: usize = arguments.next().context("how many writers? Their number comes second")?.parse()?;
    let runtime = Runtime::new()?;
    let repository = runtime.block_on(async {
        let pool = PgPoolOptions::new().max_connections(connections(writers)?).connect(&url).await?;
        sqlx::query(SCHEMA).execute(&pool).await.context("making the table of events")?;
        anyhow::Ok(Arc::new(PostgresEventRepository::new(pool)))
    })?;
    let mut writers: Vec<Writer> = (0..writers).map(|number| Writer::new(repository.clone(), number)).collect();

    let mut lines = std::io::stdin().lock().lines();
    let payload = lines.next().context("what is an event's payload? It comes as the first line")??;
    let change = Change(serde_json::from_str(&payload).context("the payload is not JSON")?);
    let mut answers = std::io::stdout().lock();
    for line in lines {
        let count = line?.trim().parse().context("a line is a number of events")?;
        let (count, elapsed) = round(&runtime, &mut writers, &change, count)?;
        writeln!(answers, "{count} {}", elapsed.as_nanos())?;
        answers.flush()?;
    }
    Ok(())
}

/// One for each writer, which is best for it, and no fewer than it has by itself.
fn connections(writers: usize) -> Result<u32> {
    Ok(u32::try_from(writers)?.max(10))
}

/// All writers append their share of so many events, side by side.
fn round(runtime: &Runtime, writers: &mut Vec<Writer>, change: &Change, count: usize) -> Result<(usize, Duration)> {
    let share = count.div_ceil(writers.len()).max(1);
    let prepared: Vec<_> = writers
        .drain(..)
        .map(|mut writer| {
            let events = writer.prepare(change, share);
            (writer, events)
        })
        .collect();
    let start = Instant::now();
    let tasks: Vec<_> = prepared.into_iter().map(|(writer, events)| runtime.spawn(writer.persist(events))).collect();
    let (mut elapsed, mut done) = (Duration::ZERO, Vec::new());
    for task in tasks {
        let each = runtime.block_on(task).context("a writer panicked")??;
        elapsed = elapsed.max(each.end - start);
        done.push(each);
    }
    writers.extend(done.into_iter().map(|each| each.writer));
    Ok((share * writers.len(), elapsed))
}
