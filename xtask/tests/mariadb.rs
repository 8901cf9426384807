//! A MariaDB server: who may come in, what a crash leaves, what is gone in the end.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::{Command, Output};
use xtask::programs::find;
use xtask::services::{Directory, MariaDb, MariaDbOptions, Service};

fn start(arguments: &[&str]) -> anyhow::Result<MariaDb> {
    let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    MariaDb::start(&Directory::create()?, &MariaDbOptions { arguments })
}

fn client(server: &MariaDb, login: &[&str], statement: &str) -> Output {
    let mut client = Command::new(find("mariadb").unwrap());
    client.args(["--no-defaults", "--host=127.0.0.1", "--protocol=tcp", "--batch", "--skip-column-names"]);
    client.arg(format!("--port={}", server.port())).args(login).args(["--execute", statement]).output().unwrap()
}

#[test]
fn given_a_server_when_clients_come_then_password_tls_and_rights_are_as_promised() {
    if !Service::Mariadb.is_available().unwrap() {
        return;
    }
    let server = start(&[]).unwrap();
    let login = ["--user=governance", "--password=governance"];

    // With the right password, over TLS that can be verified.
    let ca = format!("--ssl-ca={}", server.directory().ca().display());
    let verified = [login[0], login[1], &ca, "--ssl-verify-server-cert"];
    let tls = client(&server, &verified, "SHOW STATUS LIKE 'Ssl_cipher'");
    let cipher = String::from_utf8_lossy(&tls.stdout).into_owned();
    assert!(cipher.trim().starts_with("Ssl_cipher\tTLS_"), "{tls:?}");
    let plain = client(&server, &[login[0], login[1], "--skip-ssl"], "SELECT 1");
    assert!(plain.status.success(), "{plain:?}");

    // The user makes databases that begin with its name, and no others.
    let own = client(&server, &login, "CREATE DATABASE governance_other; CREATE TABLE governance_other.t (n INT)");
    assert!(own.status.success(), "{own:?}");
    let other = client(&server, &login, "CREATE DATABASE other");
    assert!(String::from_utf8_lossy(&other.stderr).contains("Access denied"), "{other:?}");

    // With a wrong password, or as root, nobody comes in by TCP.
    let wrong = client(&server, &[login[0], "--password=wrong"], "SELECT 1");
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("Access denied"), "{wrong:?}");
    assert!(!client(&server, &["--user=root"], "SELECT 1").status.success());
    assert!(!client(&server, &["--user="], "SELECT 1").status.success());
    assert_eq!(server.sql("SELECT @@innodb_flush_log_at_trx_commit").unwrap(), "1");
    assert_eq!(server.url(), format!("mysql://governance:governance@127.0.0.1:{}/governance", server.port()));
}

#[test]
fn given_a_crash_when_restarted_then_committed_data_is_there_and_in_the_end_nothing_is() {
    if !Service::Mariadb.is_available().unwrap() {
        return;
    }
    let mut server = start(&[]).unwrap();
    let (directory, crashed, port) = (server.directory().path().to_owned(), server.process(), server.port());
    server.sql("CREATE TABLE governance.t AS SELECT 7 AS n").unwrap();

    server.kill().unwrap();
    assert!(!crashed.is_running());
    assert!(server.sql("SELECT 1").is_err());

    server.restart().unwrap();
    assert_eq!(server.sql("SELECT n FROM governance.t").unwrap(), "7");
    assert_eq!(server.port(), port);

    let second = server.process();
    drop(server);
    assert!(!second.is_running() && !directory.exists());
}

#[test]
fn given_an_argument_that_is_refused_then_the_error_shows_the_log() {
    if !Service::Mariadb.is_available().unwrap() {
        return;
    }
    let error = format!("{:#}", start(&["--no-such-argument"]).unwrap_err());
    assert!(error.contains("MariaDB did not start") && error.contains("no-such-argument"), "{error}");
}

#[test]
fn given_a_replica_when_the_primary_writes_then_it_follows_until_it_is_promoted() {
    if !Service::Mariadb.is_available().unwrap() {
        return;
    }
    let primary = MariaDb::start(&Directory::create().unwrap(), &MariaDbOptions::followed()).unwrap();
    primary.sql("CREATE TABLE governance.t AS SELECT 7 AS n").unwrap();
    let mut replica = primary.replica().unwrap();
    assert_eq!(replica.sql("SELECT n FROM governance.t").unwrap(), "7");
    let login = ["--user=governance", "--password=governance"];
    let refused = client(&replica, &login, "DELETE FROM governance.t");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("read-only"), "{refused:?}");
    assert!(replica.is_replica().unwrap() && !primary.is_replica().unwrap());

    // Held back it stands still; let go on, or restarted, it follows again.
    replica.hold_back().unwrap();
    primary.sql("INSERT INTO governance.t VALUES (8)").unwrap();
    assert_eq!(replica.sql("SELECT max(n) FROM governance.t").unwrap(), "7");
    replica.let_go_on().unwrap();
    replica.catch_up(&primary).unwrap();
    assert_eq!(replica.sql("SELECT max(n) FROM governance.t").unwrap(), "8");
    replica.kill().unwrap();
    primary.sql("INSERT INTO governance.t VALUES (9)").unwrap();
    replica.restart().unwrap();
    replica.catch_up(&primary).unwrap();
    assert_eq!(replica.sql("SELECT max(n) FROM governance.t").unwrap(), "9");

    replica.promote().unwrap();
    assert!(client(&replica, &login, "DELETE FROM governance.t").status.success());
    assert!(!replica.is_replica().unwrap());
}
