//! A prefix of a test's own.

use crate::raw::{Answer, Raw, keys};
use async_trait::async_trait;
use governance_persistence::{Backplane, Commit, CommitId, Expected, ExperimentKey, LifecycleState, StateChange};
use governance_persistence_conformance::{Opener, samples};
use governance_persistence_redis::{RedisBackplane, RedisOptions};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Names the server in which tests may make keys.
const URL: &str = "GOVERNANCE_TEST_REDIS_URL";
/// The same for a cluster.
const CLUSTER_URL: &str = "GOVERNANCE_TEST_REDIS_CLUSTER_URL";

/// The same for servers that Sentinels watch.
const SENTINEL_URL: &str = "GOVERNANCE_TEST_REDIS_SENTINEL_URL";

/// A prefix whose keys are removed at the end.
pub(crate) struct Place {
    variable: &'static str,
    url: Option<String>,
    prefix: String,
    wait_replicas: usize,
}

impl Place {
    pub(crate) fn on_one_server() -> Self {
        Self::new(URL)
    }

    pub(crate) fn on_a_cluster() -> Self {
        Self::new(CLUSTER_URL)
    }

    pub(crate) fn behind_sentinels() -> Self {
        Self::new(SENTINEL_URL)
    }

    fn new(variable: &'static str) -> Self {
        let url = std::env::var(variable).ok();
        // Where everything has to be there, a test that does not run is a test that failed.
        let required = ["CI", "GOVERNANCE_REQUIRE_ENGINES"].iter().any(|name| std::env::var_os(name).is_some());
        assert!(url.is_some() || !required, "{variable} is not set");
        Self { variable, url, prefix: format!("test-{}:", CommitId::new()), wait_replicas: 0 }
    }

    /// The same with writes that wait for a replica.
    pub(crate) fn waiting_for_a_replica(mut self) -> Self {
        self.wait_replicas = 1;
        self
    }

    /// On one server, for tests that are no cases of the suite; without a server they end.
    pub(crate) fn or_skip() -> Option<Self> {
        let place = Self::on_one_server();
        if let Some(missing) = place.missing() {
            eprintln!("skipped: {missing}");
            return None;
        }
        Some(place)
    }

    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(crate) fn url(&self) -> &str {
        self.url.as_deref().expect("there is a server")
    }

    pub(crate) fn options(&self) -> RedisOptions {
        let options = RedisOptions::new(self.url()).and_then(|options| options.prefix(&self.prefix));
        let options = options.and_then(|options| options.wait_replicas(self.wait_replicas));
        options.and_then(|options| options.wait_timeout(Duration::from_secs(30))).expect("the URL is right")
    }

    pub(crate) async fn connect(&self) -> RedisBackplane {
        RedisBackplane::connect(&self.options()).await.expect("the server can be reached")
    }

    /// The server's address.
    pub(crate) fn address(&self) -> SocketAddr {
        let url = self.url.as_deref().expect("there is a server");
        url.trim_start_matches("redis://")
            .split('/')
            .next()
            .unwrap_or_default()
            .parse()
            .expect("the URL has an address")
    }

    /// A connection to the server as any other client would have one.
    pub(crate) fn raw(&self) -> Raw {
        self.servers().next().expect("there is a server")
    }

    /// What the server answers that has the key of this command.
    pub(crate) fn ask(&self, command: &[&str]) -> Answer {
        let answers = self.servers().map(|mut server| server.ask(command).expect("the server answers"));
        let is_elsewhere = |answer: &Answer| matches!(answer, Answer::Error(text) if text.starts_with("MOVED"));
        answers.into_iter().find(|answer| !is_elsewhere(answer)).expect("a server has the key")
    }

    /// One to each server that the URL names.
    fn servers(&self) -> impl Iterator<Item = Raw> {
        let url = self.url.as_deref().unwrap_or_default();
        let addresses = url.split(['/', '?', '&', '=', '@']).filter(|part| part.contains(':') && !part.ends_with(':'));
        let mut servers: Vec<Raw> = addresses.filter_map(|address| Raw::connect(address).ok()).collect();
        let service = url.split(['?', '&']).find_map(|parameter| parameter.strip_prefix("service="));
        if let (Some(service), Some(sentinel)) = (service, servers.first_mut()) {
            // The Sentinels keep no keys.
            let named = sentinel.ask(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", service]).map(|answer| answer.texts());
            servers = named.and_then(|address| Raw::connect(&address.join(":"))).into_iter().collect();
        }
        servers.into_iter()
    }
}

/// A commit that sets the state and has a record of every kind, its configuration version of this number.
pub(crate) fn one_of_each(key: &ExperimentKey, version: u64) -> Commit {
    let commit = Commit::builder(key, Expected::Any);
    let commit = commit.state(StateChange::to(LifecycleState::Running).by("alice"));
    commit.records(samples::one_of_each(version)).build().expect("the samples are right")
}

#[async_trait]
impl Opener for Place {
    async fn open(&self) -> Arc<dyn Backplane> {
        Arc::new(self.connect().await)
    }

    fn missing(&self) -> Option<String> {
        self.url.is_none().then(|| format!("there is no Redis server: {} is not set", self.variable))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        for mut server in self.servers() {
            for key in keys(&mut server, &format!("{}*", self.prefix)) {
                // A replica refuses, and its master has done it.
                let _ = server.ask(&["DEL", &key]);
            }
        }
    }
}
