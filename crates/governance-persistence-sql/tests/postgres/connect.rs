//! Servers and URLs that are not what they should be: each says what is wrong, in time, and shows no password.

use crate::place::Place;
use governance_persistence::{Backplane, Error, Outcome};
use governance_persistence_sql::{Migrate, SqlBackplane, SqlOptions};
use std::time::Duration;
use tokio::net::TcpListener;

const HANGS: Duration = Duration::from_secs(60);
/// In every URL here that has to be refused.
const SECRET: &str = "hidden p@ss/w%rd?";
const ENCODED_SECRET: &str = "hidden%20p%40ss%2Fw%25rd%3F";

/// Each way to come to the server, so that none shows more than another.
async fn refusals(url: &str) -> Vec<Error> {
    let options = SqlOptions::new(url).unwrap().acquire_timeout(Duration::from_secs(1)).unwrap();
    let mut errors = Vec::new();
    for migrate in [Migrate::OnConnect, Migrate::Never] {
        let options = options.clone().migrate(migrate);
        assert_no_secret(&format!("{options:?}"));
        let connected = tokio::time::timeout(HANGS, SqlBackplane::connect(&options)).await.expect("it hangs");
        errors.push(connected.expect_err("this cannot be connected to"));
    }
    for error in &errors {
        assert_no_secret(&format!("{error} {error:?} {error:#?}"));
        let mut source = std::error::Error::source(error);
        while let Some(inner) = source {
            assert_no_secret(&format!("{inner} {inner:?}"));
            source = inner.source();
        }
    }
    errors
}

fn assert_no_secret(text: &str) {
    assert!(!text.contains("hidden") && !text.contains(SECRET) && !text.contains(ENCODED_SECRET), "{text}");
}

fn with_user(place: &Place, user: &str) -> String {
    place.server_url().replace("governance:governance@", user)
}

fn assert_not_applied(error: &Error, words: &str) {
    assert!(matches!(error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error:?}");
    assert!(error.to_string().contains(words), "{error}");
}

fn assert_invalid(error: &Error, words: &str) {
    assert!(matches!(error, Error::Invalid(_)), "{error:?}");
    assert!(error.to_string().contains(words), "{error}");
}

#[tokio::test]
async fn given_a_wrong_password_user_or_database_when_connecting_then_the_url_is_invalid() {
    let Some(place) = Place::or_skip().await else { return };
    for user in ["governance", "nobody"] {
        for error in refusals(&with_user(&place, &format!("{user}:{ENCODED_SECRET}@"))).await {
            assert_invalid(&error, "is refused by the server");
        }
    }
    for error in refusals(&format!("{}_not_there", place.server_url())).await {
        assert_invalid(&error, "names a database that does not exist");
    }
}

#[tokio::test]
async fn given_a_search_path_without_a_schema_when_migrating_then_the_url_is_invalid() {
    let Some(place) = Place::or_skip().await else { return };
    let url = format!("{}?options=-c%20search_path%3Dnot_there", place.server_url());
    let error = SqlBackplane::connect(&SqlOptions::new(&url).unwrap().migrate(Migrate::OnConnect)).await.unwrap_err();
    assert_invalid(&error, "a search_path without a schema");
}

#[test]
fn given_a_url_that_cannot_be_right_then_it_is_refused_before_anything_is_opened() {
    for (url, words) in [
        (format!("postgres://u:{ENCODED_SECRET}@h/db?sslmod=require"), "has the unknown parameter \"sslmod\""),
        (format!("postgres://u:{ENCODED_SECRET}@h/db?password=hidden"), "has the unknown parameter \"password\""),
        (format!("postgres://u:{ENCODED_SECRET}@h"), "names no database"),
        (format!("postgres://u:{ENCODED_SECRET}@h:port/db"), "is not a URL of PostgreSQL"),
        (format!("postgres://u:{ENCODED_SECRET}@h/db?sslmode=hidden"), "is not a URL of PostgreSQL"),
    ] {
        let error = SqlOptions::new(&url).unwrap_err();
        assert_invalid(&error, words);
        assert_no_secret(&format!("{error} {error:?}"));
    }
}

#[tokio::test]
async fn given_no_server_or_one_that_is_none_when_connecting_then_it_ends_in_time() {
    if Place::or_skip().await.is_none() {
        return;
    }
    let url = |port: u16| format!("postgres://u:{ENCODED_SECRET}@127.0.0.1:{port}/db");
    let gone = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap();
    for error in refusals(&url(gone.port())).await {
        assert_not_applied(&error, "refused");
    }
    // One accepts and closes, one says something else, one says nothing.
    for (says, words) in [(Some(""), "connecting"), (Some("HTTP/1.1 400 \r\n\r\n"), "connecting"), (None, "no answer")]
    {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = tokio::spawn(async move {
            let mut kept = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                match says {
                    Some(says) => {
                        stream.writable().await.unwrap();
                        let _ = stream.try_write(says.as_bytes());
                    }
                    None => kept.push(stream),
                }
            }
        });
        for error in refusals(&url(port)).await {
            assert_not_applied(&error, words);
        }
        serving.abort();
    }
}

#[tokio::test]
async fn given_a_certificate_of_the_tests_own_authority_when_verified_then_only_by_that_authority() {
    let Some(place) = Place::with_all_or_skip().await else { return };
    let ca = std::env::var("GOVERNANCE_TEST_CA").unwrap();
    let url = place.user("tls", "p", "p").await;
    let tls = |ca: &str| format!("{url}&sslmode=verify-full&sslrootcert={ca}");

    let options = SqlOptions::new(&tls(&ca)).unwrap().migrate(Migrate::OnConnect);
    let backplane = SqlBackplane::connect(&options).await.unwrap();
    backplane.ping().await.unwrap();
    let encrypted = format!(
        "SELECT DISTINCT ssl::text FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = '{}_tls'",
        place.schema()
    );
    assert_eq!(crate::place::texts(&mut place.admin().await, &encrypted).await, ["true"]);
    backplane.close().await.unwrap();

    // An authority of the same name, but another one.
    let other = xtask::services::Directory::create().unwrap();
    for error in refusals(&tls(&other.ca().display().to_string())).await {
        assert_not_applied(&error, "certificate");
    }
    for error in refusals(&tls("/nowhere/ca.crt")).await {
        assert!(error.outcome() == Outcome::NotApplied, "{error:?}");
    }
}

#[tokio::test]
async fn given_a_password_of_odd_characters_when_percent_encoded_then_it_is_the_right_one_and_never_shown() {
    let Some(place) = Place::with_all_or_skip().await else { return };
    let url = place.user("odd", SECRET, ENCODED_SECRET).await;
    let options = SqlOptions::new(&url).unwrap().migrate(Migrate::OnConnect);
    let backplane = SqlBackplane::connect(&options).await.unwrap();
    backplane.ping().await.unwrap();
    assert_no_secret(&format!("{backplane:?} {backplane:#?} {options:?}"));
    backplane.close().await.unwrap();
}

#[tokio::test]
async fn given_a_socket_as_the_host_when_connecting_then_it_is_used() {
    let Some(place) = Place::with_all_or_skip().await else { return };
    let admin = std::env::var("GOVERNANCE_TEST_POSTGRES_ADMIN_URL").unwrap();
    assert!(admin.contains("?host=/"), "{admin}");
    let options = SqlOptions::new(&place.url_on(&admin)).unwrap().migrate(Migrate::OnConnect);
    let backplane = SqlBackplane::connect(&options).await.unwrap();
    backplane.ping().await.unwrap();
    let by_socket = "SELECT count(*)::text FROM pg_stat_activity WHERE application_name = 'governance' \
                     AND client_addr IS NULL AND usename = 'postgres'";
    assert_ne!(crate::place::texts(&mut place.admin().await, by_socket).await, ["0"]);
    backplane.close().await.unwrap();
}
