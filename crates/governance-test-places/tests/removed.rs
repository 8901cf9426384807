//! What a test had of its own is gone when it ends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use governance_test_places::raw::{Answer, Raw, keys};
use governance_test_places::{Missing, Prefix, Schema, or_skip};
use sqlx::{AssertSqlSafe, Connection, MySqlConnection, PgConnection};

/// Makes a table by the URL of a schema; how many tables the schema has then, and how many when it was dropped.
macro_rules! makes_a_table {
    ($connection:ty, $schema:expr) => {{
        let schema: Schema = $schema;
        let (url, server, name) = (schema.url(), schema.server().to_owned(), schema.name().to_owned());
        let mut inside = <$connection>::connect(&url).await.unwrap();
        sqlx::raw_sql("CREATE TABLE here (id INT)").execute(&mut inside).await.unwrap();
        inside.close().await.unwrap();
        let mut outside = <$connection>::connect(&server).await.unwrap();
        let named = format!("SELECT count(*) FROM information_schema.tables WHERE table_schema = '{name}'");
        let before: i64 = sqlx::query_scalar(AssertSqlSafe(named.clone())).fetch_one(&mut outside).await.unwrap();
        drop(schema);
        let after: i64 = sqlx::query_scalar(AssertSqlSafe(named)).fetch_one(&mut outside).await.unwrap();
        (before, after)
    }};
}

#[tokio::test]
async fn given_a_schema_of_postgres_with_a_table_when_dropped_then_both_are_gone() {
    let Some(schema) = or_skip(Schema::on_postgres()) else { return };
    assert_eq!(makes_a_table!(PgConnection, schema), (1, 0));
}

#[tokio::test]
async fn given_a_database_of_mariadb_with_a_table_when_dropped_then_both_are_gone() {
    let Some(schema) = or_skip(Schema::on_mariadb()) else { return };
    assert_eq!(makes_a_table!(MySqlConnection, schema), (1, 0));
}

/// Two prefixes are two places, and one's keys go with it, whichever server has them.
fn are_removed(prefix: fn() -> Result<Prefix, Missing>) {
    let (Some(kept), Some(removed)) = (or_skip(prefix()), or_skip(prefix())) else { return };
    for prefix in [&kept, &removed] {
        for number in 0..10 {
            let key = format!("{}{number}", prefix.name());
            let answers = prefix.servers().into_iter().map(|mut server| server.ask(&["SET", &key, "here"]).unwrap());
            assert!(answers.into_iter().any(|answer| answer == Answer::Text("OK".to_owned())));
        }
    }
    // A replica may still have what its master has removed.
    let is_master = |server: &mut Raw| server.ask(&["ROLE"]).unwrap().texts()[0] == "master";
    let left = |name: &str| -> usize {
        let masters = kept.servers().into_iter().filter_map(|mut server| is_master(&mut server).then_some(server));
        masters.map(|mut server| keys(&mut server, &format!("{name}*")).len()).sum()
    };
    let name = removed.name().to_owned();
    assert_eq!((left(&name), left(kept.name())), (10, 10));
    drop(removed);
    assert_eq!((left(&name), left(kept.name())), (0, 10));
}

#[test]
fn given_keys_on_one_redis_server_when_their_prefix_is_dropped_then_they_are_gone_and_no_others() {
    are_removed(Prefix::on_redis);
}

#[test]
fn given_keys_on_a_cluster_when_their_prefix_is_dropped_then_they_are_gone_and_no_others() {
    are_removed(Prefix::on_redis_cluster);
}

#[test]
fn given_keys_behind_sentinels_when_their_prefix_is_dropped_then_they_are_gone_and_no_others() {
    are_removed(Prefix::behind_redis_sentinels);
}
