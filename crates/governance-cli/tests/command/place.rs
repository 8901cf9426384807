//! A directory of its own for each test, with a configuration and a database, and the command
//! run in it.

use rusqlite::Connection;
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Where a test happens.
pub(crate) struct Place {
    folder: TempDir,
    /// What `GOVERNANCE_DB_URL` is.
    url: Option<String>,
}

impl Place {
    /// With a configuration of SQLite that migrates when it connects.
    pub(crate) fn new() -> Self {
        Self::with_configuration(
            "governance:\n  persistence:\n    type: sql\n    connectionString: sqlite:governance.db\n    \
             options:\n      migrate: onConnect\n",
        )
    }

    /// With this configuration, in `governance.yaml`.
    pub(crate) fn with_configuration(yaml: &str) -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap(), url: None };
        place.write("governance.yaml", yaml);
        place
    }

    /// With this as `GOVERNANCE_DB_URL`.
    pub(crate) fn on(self, url: &str) -> Self {
        Self { url: Some(url.to_owned()), ..self }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file; its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        self.write(name, text);
        self.path(name).display().to_string()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// A configuration of another store, `NAME.db`; its file.
    pub(crate) fn other(&self, name: &str) -> String {
        let file = format!("{name}.yaml");
        let sql = format!("type: sql\n    connectionString: sqlite:{name}.db");
        let options = "options: { migrate: onConnect, synchronous: normal }";
        self.write(&file, &format!("governance:\n  persistence:\n    {sql}\n    {options}\n"));
        file
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// All that is in the store of this configuration, as `export` writes it.
    pub(crate) fn contents(&self, config: &str) -> String {
        self.done(&["--config", config, "export", "--all"]).stdout
    }

    /// The database, past the command.
    pub(crate) fn database(&self) -> Connection {
        Connection::open(self.path("governance.db")).unwrap()
    }

    /// The command, with none of the variables of whoever runs the test.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_governance"));
        command
            .current_dir(self.folder.path())
            .env("GOVERNANCE_CONFIG", "governance.yaml")
            .env("GOVERNANCE_ACTOR", "alice");
        let others = ["GOVERNANCE_TENANT", "GOVERNANCE_ENVIRONMENT", "GOVERNANCE_ROLES", "GOVERNANCE_DB_URL"];
        for variable in others.into_iter().chain(["USER", "CARGO_PKG_NAME"]) {
            command.env_remove(variable);
        }
        command.envs(self.url.as_ref().map(|url| ("GOVERNANCE_DB_URL", url)));
        command
    }

    /// Runs the command line, with nothing on standard input.
    pub(crate) fn run(&self, args: &[&str]) -> Answer {
        self.run_with(args, "")
    }

    /// Runs the command line with this on standard input.
    pub(crate) fn run_with(&self, args: &[&str], input: &str) -> Answer {
        let mut command = self.command();
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        Answer {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs the command line, which must succeed.
    pub(crate) fn done(&self, args: &[&str]) -> Answer {
        self.run(args).expect(0)
    }

    /// Runs the command line with `--json`, which must succeed, and reads the answer.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        self.done(&[args, &["--json"]].concat()).json()
    }

    /// Plays the demo; the name of its experiment.
    pub(crate) fn demo(&self) -> String {
        self.json(&["demo"])["experiment"]["name"].as_str().unwrap().to_owned()
    }
}

/// What a run of the command gave.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Answer {
    /// It must have ended with this code.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// Standard output, as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// Standard error, as one JSON object.
    #[track_caller]
    pub(crate) fn error(&self) -> Value {
        serde_json::from_str(&self.stderr).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}
