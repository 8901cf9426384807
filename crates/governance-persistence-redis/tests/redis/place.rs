//! A prefix of a test's own.

use crate::raw::{Answer, Raw};
use async_trait::async_trait;
use governance_persistence::{Backplane, Commit, Expected, ExperimentKey, LifecycleState, StateChange};
use governance_persistence_conformance::{Opener, samples};
use governance_persistence_redis::{RedisBackplane, RedisOptions};
use governance_test_places::{Missing, Prefix, or_skip};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// A prefix, if there is a server to have it on.
pub(crate) struct Place {
    prefix: Result<Prefix, Missing>,
    wait_replicas: usize,
}

impl Place {
    pub(crate) fn on_one_server() -> Self {
        Self::under(Prefix::on_redis())
    }

    pub(crate) fn on_a_cluster() -> Self {
        Self::under(Prefix::on_redis_cluster())
    }

    pub(crate) fn behind_sentinels() -> Self {
        Self::under(Prefix::behind_redis_sentinels())
    }

    fn under(prefix: Result<Prefix, Missing>) -> Self {
        Self { prefix, wait_replicas: 0 }
    }

    /// The same with writes that wait for a replica.
    pub(crate) fn waiting_for_a_replica(mut self) -> Self {
        self.wait_replicas = 1;
        self
    }

    /// On one server, for tests that are no cases of the suite; without a server they end.
    pub(crate) fn or_skip() -> Option<Self> {
        or_skip(Prefix::on_redis()).map(|prefix| Self::under(Ok(prefix)))
    }

    fn there(&self) -> &Prefix {
        self.prefix.as_ref().expect("there is a server")
    }

    pub(crate) fn prefix(&self) -> &str {
        self.there().name()
    }

    pub(crate) fn url(&self) -> &str {
        self.there().url()
    }

    pub(crate) fn options(&self) -> RedisOptions {
        let options = RedisOptions::new(self.url()).and_then(|options| options.prefix(self.prefix()));
        let options = options.and_then(|options| options.wait_replicas(self.wait_replicas));
        options.and_then(|options| options.wait_timeout(Duration::from_secs(30))).expect("the URL is right")
    }

    pub(crate) async fn connect(&self) -> RedisBackplane {
        RedisBackplane::connect(&self.options()).await.expect("the server can be reached")
    }

    /// The server's address.
    pub(crate) fn address(&self) -> SocketAddr {
        self.url()
            .trim_start_matches("redis://")
            .split('/')
            .next()
            .unwrap_or_default()
            .parse()
            .expect("the URL has an address")
    }

    /// A connection to the server as any other client would have one.
    pub(crate) fn raw(&self) -> Raw {
        self.there().servers().into_iter().next().expect("there is a server")
    }

    /// What the server answers that has the key of this command.
    pub(crate) fn ask(&self, command: &[&str]) -> Answer {
        let servers = self.there().servers().into_iter();
        let answers = servers.map(|mut server| server.ask(command).expect("the server answers"));
        let is_elsewhere = |answer: &Answer| matches!(answer, Answer::Error(text) if text.starts_with("MOVED"));
        answers.into_iter().find(|answer| !is_elsewhere(answer)).expect("a server has the key")
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
        self.prefix.as_ref().err().map(ToString::to_string)
    }
}
