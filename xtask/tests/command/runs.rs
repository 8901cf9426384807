//! `cargo xtask test` with a cargo that only pretends: the servers are there for the tests, and gone however they end.

use crate::place::{Place, is_available, wait_for_end};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Output;
use xtask::services::Process;

/// What the tests saw, and how it ended.
struct Run {
    output: Output,
    server: Process,
    mysql_url: String,
    /// What the tests wrote about themselves.
    more: Vec<String>,
    place: Place,
}

/// Runs a suite whose tests are the lines of a shell script.
fn run(tests: &str) -> Run {
    let place = Place::new();
    // Beside the directory of the servers, which the place has to itself.
    let tools = tempfile::tempdir().unwrap();
    let seen = tools.path().join("seen");
    let cargo = tools.path().join("cargo");
    let script = format!(
        "#!/bin/sh\n\
         if [ \"$1\" = locate-project ]; then echo '{}/Cargo.toml'; exit; fi\n\
         head -n 1 \"$GOVERNANCE_TEST_POSTGRES_DATA/postmaster.pid\" > '{seen}'\n\
         awk '{{ print $22 }}' \"/proc/$(cat '{seen}')/stat\" >> '{seen}'\n\
         echo \"$GOVERNANCE_TEST_MYSQL_URL\" >> '{seen}'\n\
         {tests}\n",
        tools.path().display(),
        seen = seen.display()
    );
    fs::write(&cargo, script).unwrap();
    fs::set_permissions(&cargo, Permissions::from_mode(0o755)).unwrap();

    let path = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths([tools.path().to_owned()].into_iter().chain(std::env::split_paths(&path))).unwrap();
    let mut command = place.command(&["test", "--only", "services"]);
    // This test itself may have been given servers.
    command.env_remove("GOVERNANCE_TEST_POSTGRES_URL").env("GOVERNANCE_TEST_MYSQL_URL", "mysql://somebody's");
    let output = command.env("PATH", path).env("SEEN", &seen).output().unwrap();

    let seen = fs::read_to_string(seen).unwrap_or_else(|_| String::from_utf8_lossy(&output.stderr).into_owned());
    let lines: Vec<&str> = seen.lines().collect();
    let [pid, started, mysql_url, ref more @ ..] = lines[..] else { unreachable!("the tests did not run: {seen}") };
    let server = Process { pid: pid.parse().unwrap(), started: started.parse().unwrap() };
    let more = more.iter().map(|line| (*line).to_owned()).collect();
    Run { output, server, mysql_url: mysql_url.to_owned(), more, place }
}

impl Run {
    /// Nothing is left, and people were told this.
    fn ended(&self, success: bool, told: &str) {
        let errors = String::from_utf8_lossy(&self.output.stderr);
        assert_eq!(self.output.status.success(), success, "{errors}");
        assert!(errors.contains(told), "{errors}");
        assert!(!self.server.is_running() && self.place.is_empty());
    }
}

#[test]
fn given_tests_that_pass_then_the_servers_were_there_and_are_gone() {
    if !is_available() {
        return;
    }
    let run = run(r#"kill -0 "$(head -n 1 "$SEEN")""#);
    run.ended(true, "GOVERNANCE_TEST_POSTGRES_REPLICA_URL=postgres://");
    // The server that somebody named was left to them.
    assert_eq!(run.mysql_url, "mysql://somebody's");
}

#[test]
fn given_tests_that_fail_then_the_servers_are_gone() {
    if !is_available() {
        return;
    }
    run("exit 101").ended(false, "the tests did not pass");
}

#[test]
fn given_a_signal_while_tests_run_then_they_and_the_servers_are_gone() {
    if !is_available() {
        return;
    }
    for signal in ["TERM", "INT", "HUP"] {
        // A test that would run for long, and the signal comes to the one process that people know.
        let run = run(&format!("sleep 600 & echo $! >> \"$SEEN\"; kill -{signal} $PPID; wait"));
        run.ended(false, "interrupted");
        // The shell starts it in the background, where it does not even hear of SIGINT.
        if let Some(test) = Process::of(run.more[0].parse().unwrap()) {
            wait_for_end(test);
        }
    }
}
