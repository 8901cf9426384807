//! A PostgreSQL server and its replica: who may come in, what a crash leaves, what is gone in the end.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::{Command, Output};
use xtask::services::{Directory, Postgres, PostgresOptions, Service};

fn start(settings: &[(&str, &str)]) -> anyhow::Result<Postgres> {
    let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Postgres::start(&Directory::create()?, &PostgresOptions { settings })
}

fn psql(server: &Postgres, connection: &str, statement: &str) -> Output {
    let connection = format!("host=127.0.0.1 port={} connect_timeout=10 {connection}", server.port());
    let mut psql = Command::new(server.bin().join("psql"));
    psql.args(["-X", "-A", "-t", "-q", "-w", "-d", &connection, "-c", statement]).output().unwrap()
}

#[test]
fn given_a_server_when_clients_come_then_password_tls_and_rights_are_as_promised() {
    if !Service::Postgres.is_available().unwrap() {
        return;
    }
    let server = start(&[]).unwrap();
    let role = "user=governance dbname=governance password=governance";

    // With the right password, over TLS that can be verified.
    let ca = server.directory().ca();
    let verified = format!("{role} sslmode=verify-full sslrootcert={}", ca.display());
    let tls = psql(&server, &verified, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    assert_eq!(String::from_utf8_lossy(&tls.stdout).trim(), "t", "{tls:?}");
    let plain = psql(&server, &format!("{role} sslmode=disable"), "SELECT 1");
    assert!(plain.status.success(), "{plain:?}");

    // The role makes databases and roles of its own.
    let rights = psql(&server, role, "CREATE ROLE reader");
    assert!(rights.status.success(), "{rights:?}");
    let rights = psql(&server, role, "CREATE DATABASE governance_other");
    assert!(rights.status.success(), "{rights:?}");

    // With a wrong password, or as the superuser, nobody comes in by TCP.
    let wrong = psql(&server, "user=governance dbname=governance password=wrong", "SELECT 1");
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("password authentication failed"), "{wrong:?}");
    let superuser = psql(&server, "user=postgres dbname=postgres", "SELECT 1");
    assert!(String::from_utf8_lossy(&superuser.stderr).contains("pg_hba.conf rejects"), "{superuser:?}");
    assert_eq!(server.sql("governance", "SHOW fsync").unwrap(), "on");
    let url = format!("postgres://governance:governance@127.0.0.1:{}/governance", server.port());
    assert_eq!(server.url(), url);
}

#[test]
fn given_a_replica_then_it_follows_until_it_is_promoted() {
    if !Service::Postgres.is_available().unwrap() {
        return;
    }
    let primary = start(&[]).unwrap();
    let replica = primary.replica().unwrap();

    primary.sql("governance", "CREATE TABLE t AS SELECT 7 AS n").unwrap();
    replica.catch_up(&primary).unwrap();
    assert_eq!(replica.sql("governance", "SELECT n FROM t").unwrap(), "7");
    let refused = replica.sql("governance", "DELETE FROM t").unwrap_err().to_string();
    assert!(refused.contains("read-only"), "{refused}");
    assert!(replica.is_replica().unwrap() && !primary.is_replica().unwrap());

    replica.promote().unwrap();
    replica.sql("governance", "DELETE FROM t").unwrap();
    assert!(!replica.is_replica().unwrap());
}

#[test]
fn given_a_crash_when_restarted_then_committed_data_is_there_and_in_the_end_nothing_is() {
    if !Service::Postgres.is_available().unwrap() {
        return;
    }
    let mut server = start(&[]).unwrap();
    let (directory, crashed, port) = (server.directory().path().to_owned(), server.process(), server.port());
    server.sql("governance", "CREATE TABLE t AS SELECT 7 AS n").unwrap();

    server.kill().unwrap();
    assert!(!crashed.is_running());
    assert!(server.sql("governance", "SELECT 1").is_err());

    server.restart().unwrap();
    assert_eq!(server.sql("governance", "SELECT n FROM t").unwrap(), "7");
    assert_eq!(server.port(), port);

    // When it is restarted without a crash, it is another process too.
    let first = server.process();
    server.restart().unwrap();
    let second = server.process();
    assert!(first != second && !first.is_running() && second.is_running());

    drop(server);
    assert!(!second.is_running() && !directory.exists());
}

#[test]
fn given_two_servers_in_one_directory_then_they_do_not_know_each_other() {
    if !Service::Postgres.is_available().unwrap() {
        return;
    }
    let one = start(&[]).unwrap();
    let other = Postgres::start(one.directory(), &PostgresOptions::default()).unwrap();
    one.sql("governance", "CREATE TABLE t (n int)").unwrap();
    assert!(other.sql("governance", "SELECT n FROM t").is_err());
    assert!(one.port() != other.port() && one.data() != other.data());
}

#[test]
fn given_a_setting_that_is_refused_then_the_error_shows_the_log() {
    if !Service::Postgres.is_available().unwrap() {
        return;
    }
    let error = format!("{:#}", start(&[("shared_buffers", "'a lot'")]).unwrap_err());
    assert!(error.contains("PostgreSQL did not start") && error.contains("shared_buffers"), "{error}");
}
