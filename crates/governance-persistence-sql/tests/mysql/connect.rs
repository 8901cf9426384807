//! Servers and URLs that are not what they should be: each says what is wrong, in time, and shows no password.

use crate::place::{Place, run, texts};
use governance_persistence::{Backplane, Error, Outcome};
use governance_persistence_sql::{Migrate, SqlBackplane, SqlOptions};
use sqlx::{Connection, MySqlConnection};
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
        let url = place.url().replace("governance:governance@", &format!("{user}:{ENCODED_SECRET}@"));
        for error in refusals(&url).await {
            assert_invalid(&error, "is refused by the server");
        }
    }
    for error in refusals(&place.url().replace(place.database(), "governance_not_there")).await {
        assert_invalid(&error, "names a database that does not exist");
    }
    for error in refusals(&place.url().replace(place.database(), "mysql")).await {
        assert_invalid(&error, "names a database that this account may not use");
    }
}

#[test]
fn given_a_url_that_cannot_be_right_then_it_is_refused_before_anything_is_opened() {
    for (url, words) in [
        (format!("mysql://u:{ENCODED_SECRET}@h/db?ssl_mode=required"), "has the unknown parameter \"ssl_mode\""),
        (format!("mysql://u:{ENCODED_SECRET}@h/db?password=hidden"), "has the unknown parameter \"password\""),
        (format!("mariadb://u:{ENCODED_SECRET}@h"), "names no database"),
        (format!("mysql://u:{ENCODED_SECRET}@h:port/db"), "is not a URL of MySQL"),
        (format!("mysql://u:{ENCODED_SECRET}@h/db?ssl-mode=hidden"), "has an unknown ssl-mode"),
    ] {
        let error = SqlOptions::new(&url).unwrap_err();
        assert_invalid(&error, words);
        assert_no_secret(&format!("{error} {error:?}"));
    }
}

#[tokio::test]
async fn given_no_server_or_one_that_is_none_when_connecting_then_it_ends_in_time() {
    let url = |port: u16| format!("mysql://u:{ENCODED_SECRET}@127.0.0.1:{port}/db");
    let gone = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap();
    for error in refusals(&url(gone.port())).await {
        assert_not_applied(&error, "refused");
    }
    // One that says nothing.
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            kept.push(stream);
        }
    });
    for error in refusals(&url(port)).await {
        assert_not_applied(&error, "acquireTimeout");
    }
    serving.abort();
}

#[tokio::test]
async fn given_a_certificate_of_the_tests_own_authority_when_verified_then_only_by_that_authority() {
    let Some(place) = Place::with_all_or_skip().await else { return };
    let ca = std::env::var("GOVERNANCE_TEST_CA").unwrap();
    let tls = |ca: &str| format!("{}&ssl-mode=VERIFY_IDENTITY&ssl-ca={ca}", place.url());
    let options = SqlOptions::new(&tls(&ca)).unwrap().migrate(Migrate::OnConnect);
    let backplane = SqlBackplane::connect(&options).await.unwrap();
    backplane.ping().await.unwrap();
    let ciphers = "SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'Ssl_version'";
    let mut plain = MySqlConnection::connect(&tls(&ca)).await.unwrap();
    assert!(texts(&mut plain, ciphers).await[0].starts_with("TLSv1"));
    backplane.close().await.unwrap();

    // An authority of the same name, but another one.
    let other = xtask::services::Directory::create().unwrap();
    for error in refusals(&tls(&other.ca().display().to_string())).await {
        assert_not_applied(&error, "certificate");
    }
    for error in refusals(&tls("/nowhere/ca.crt")).await {
        assert_eq!(error.outcome(), Outcome::NotApplied, "{error:?}");
    }
}

#[tokio::test]
async fn given_a_password_of_odd_characters_when_percent_encoded_then_it_is_the_right_one_and_never_shown() {
    let Some(place) = Place::with_all_or_skip().await else { return };
    let user = format!("u{}", &place.database()[place.database().len() - 12..]);
    let mut admin = place.admin().await;
    let make = format!(
        "CREATE USER {user}@127.0.0.1 IDENTIFIED BY '{SECRET}'; GRANT ALL ON {}.* TO {user}@127.0.0.1",
        place.database()
    );
    run(&mut admin, &make).await.unwrap();
    let url = place.url().replace("governance:governance@", &format!("{user}:{ENCODED_SECRET}@"));
    let options = SqlOptions::new(&url).unwrap().migrate(Migrate::OnConnect);
    let backplane = SqlBackplane::connect(&options).await.unwrap();
    backplane.ping().await.unwrap();
    assert_no_secret(&format!("{backplane:?} {backplane:#?} {options:?}"));
    backplane.close().await.unwrap();
    run(&mut admin, &format!("DROP USER {user}@127.0.0.1")).await.unwrap();
}
