//! The keys of Redis under a prefix.

use crate::raw::{Raw, keys};
use crate::{Missing, server, unique};
use xtask::services::Service;

/// A prefix whose keys are removed when it is dropped.
#[derive(Debug)]
pub struct Prefix {
    server: String,
    name: String,
}

impl Prefix {
    /// A new prefix on the Redis server that tests are given.
    ///
    /// # Errors
    ///
    /// When they are given none.
    pub fn on_redis() -> Result<Self, Missing> {
        Self::on(Service::Redis)
    }

    /// A new prefix on the cluster that tests are given.
    ///
    /// # Errors
    ///
    /// When they are given none.
    pub fn on_redis_cluster() -> Result<Self, Missing> {
        Self::on(Service::RedisCluster)
    }

    /// A new prefix on the servers that tests are given and that Sentinels watch.
    ///
    /// # Errors
    ///
    /// When they are given none.
    pub fn behind_redis_sentinels() -> Result<Self, Missing> {
        Self::on(Service::RedisSentinel)
    }

    fn on(service: Service) -> Result<Self, Missing> {
        Ok(Self { server: server(service)?, name: format!("test-{}:", unique()) })
    }

    /// What the keys begin with.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The URL that the tests are given.
    pub fn url(&self) -> &str {
        &self.server
    }

    /// A connection to each server of the URL that keeps keys, as any other client would have one.
    pub fn servers(&self) -> Vec<Raw> {
        let url = &self.server;
        let addresses = url.split(['/', '?', '&', '=', '@']).filter(|part| part.contains(':') && !part.ends_with(':'));
        let mut servers: Vec<Raw> = addresses.filter_map(|address| Raw::connect(address).ok()).collect();
        let service = url.split(['?', '&']).find_map(|parameter| parameter.strip_prefix("service="));
        if let (Some(service), Some(sentinel)) = (service, servers.first_mut()) {
            // The Sentinels keep no keys.
            let named = sentinel.ask(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", service]).map(|answer| answer.texts());
            servers = named.and_then(|address| Raw::connect(&address.join(":"))).into_iter().collect();
        }
        servers
    }
}

impl Drop for Prefix {
    fn drop(&mut self) {
        for mut server in self.servers() {
            for key in keys(&mut server, &format!("{}*", self.name)) {
                // A replica refuses, and its master has done it.
                let _ = server.ask(&["DEL", &key]);
            }
        }
    }
}
