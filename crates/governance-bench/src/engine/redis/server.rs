//! The servers that are measured, and a prefix of each workload's own.

use super::monitor::Monitor;
use crate::engine::histories::Filled;
use crate::work::scope;
use anyhow::{Context, Result, ensure};
use governance_persistence::ExperimentKey;
use governance_persistence_redis::{RedisBackplane, RedisOptions};
use std::cell::Cell;
use std::path::PathBuf;
use std::rc::Rc;
use tokio::runtime::Runtime;
use xtask::programs::find;
use xtask::services::{Directory, Redis, Service};

/// When a server has what it wrote on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sync {
    Everysec,
    Always,
}

impl Sync {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Everysec => "everysec",
            Self::Always => "always",
        }
    }
}

/// A private server, which adds each write to a file.
pub(super) struct Server {
    redis: Redis,
    benchmark: PathBuf,
    prefixes: Cell<usize>,
}

/// Is all there that it takes?
pub(super) fn check() -> Result<PathBuf> {
    ensure!(Service::Redis.is_available()?, "Redis is not installed; `cargo xtask test --provision` does");
    find("redis-benchmark").context("redis-benchmark is not installed; redis-tools has it")
}

impl Server {
    pub(super) fn start(sync: Sync) -> Result<Rc<Self>> {
        let benchmark = check()?;
        // A file that is written anew in the midst of a round would be measured on one of the sides.
        let settings = ["--appendfsync", sync.name(), "--auto-aof-rewrite-percentage", "0"];
        let options = xtask::services::RedisOptions { arguments: settings.map(str::to_owned).into() };
        let redis = Redis::start(&Directory::create()?, &options)?;
        Ok(Rc::new(Self { redis, benchmark, prefixes: Cell::new(0) }))
    }

    pub(super) fn port(&self) -> u16 {
        self.redis.port()
    }

    /// The program that is the limit.
    pub(super) fn benchmark(&self) -> &PathBuf {
        &self.benchmark
    }

    /// What `redis-cli` prints.
    pub(super) fn cli(&self, words: &[&str]) -> Result<String> {
        self.redis.cli(words)
    }

    /// What the server is sent meanwhile.
    pub(super) fn watch(&self, what: impl FnOnce() -> Result<()>) -> Result<Vec<Monitor>> {
        super::monitor::watch(self.port(), what)
    }
}

/// A prefix of its own on a server. Its keys go with the server.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) server: Rc<Server>,
    pub(super) prefix: String,
}

impl Place {
    pub(super) fn create(server: &Rc<Server>) -> Self {
        server.prefixes.set(server.prefixes.get() + 1);
        Self { server: server.clone(), prefix: format!("bench-{}:", server.prefixes.get()) }
    }

    pub(super) async fn connect(&self) -> Result<RedisBackplane> {
        let options = RedisOptions::new(&self.server.redis.url())?.prefix(&self.prefix)?;
        Ok(RedisBackplane::connect(&options).await?)
    }

    /// A key of one of the experiments that are measured, whose names need no encoding.
    pub(super) fn key(&self, key: &ExperimentKey, name: &str) -> String {
        let [tenant, environment] = [key.tenant(), key.environment()].map(scope);
        format!("{}{{{tenant}/{environment}/{}}}:{name}", self.prefix, key.name())
    }
}

impl Place {
    /// Copies the states of these experiments to names that end in twelve digits, from zero on. Says how they begin.
    pub(super) fn copy_states<'k>(&self, keys: impl Iterator<Item = &'k ExperimentKey>) -> Result<String> {
        const COPY: &str = "for at = 1, #KEYS, 2 do redis.call('COPY', KEYS[at], KEYS[at + 1]) end return #KEYS / 2";
        let copies = format!("{}copies:", self.prefix);
        let pairs = keys.enumerate().map(|(number, key)| [self.key(key, "state"), format!("{copies}{number:012}")]);
        let names: Vec<String> = pairs.flatten().collect();
        let count = names.len().to_string();
        let words: Vec<&str> = ["EVAL", COPY, &count].into_iter().chain(names.iter().map(String::as_str)).collect();
        self.server.cli(&words)?;
        let last = format!("{copies}{:012}", names.len() / 2 - 1);
        ensure!(self.server.cli(&["EXISTS", &last])? == "1", "the states were not copied");
        Ok(copies)
    }
}

impl Filled for Place {
    type Backplane = RedisBackplane;

    fn open(&self, runtime: &Runtime) -> Result<RedisBackplane> {
        runtime.block_on(self.connect())
    }
}
