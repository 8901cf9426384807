//! Redis servers that speak TLS, on a port beside the plain one.

use super::{Redis, RedisOptions};
use crate::services::account::Account;
use crate::services::daemon::on_free_port;
use crate::services::directory::Directory;
use anyhow::Result;
use std::sync::Arc;

/// The arguments by which a server speaks TLS on `port`, with the certificate of the directory's authority. Clients need
/// one of the same authority, if `clients` says so.
pub(super) fn arguments(directory: &Directory, port: u16, clients: bool) -> Result<Vec<String>> {
    let certificate = directory.authority().equip(&directory.folder("tls", Account::Own)?, Account::Own)?;
    let shown = |path: &std::path::Path| path.display().to_string();
    let port = port.to_string();
    let arguments = [
        ["--tls-port", &port],
        ["--tls-cert-file", &shown(&certificate.chain)],
        ["--tls-key-file", &shown(&certificate.key)],
        ["--tls-ca-cert-file", &shown(&directory.ca())],
        ["--tls-auth-clients", if clients { "yes" } else { "no" }],
    ];
    Ok(arguments.concat().into_iter().map(str::to_owned).collect())
}

/// More of them, by which the servers of a cluster talk to each other over TLS. Otherwise they do not tell clients the
/// ports at which they speak it.
pub(super) fn among_servers(directory: &Directory) -> Result<Vec<String>> {
    let certificate = directory.client_certificate()?;
    let own = ["--tls-cluster", "yes", "--tls-replication", "yes", "--tls-client-cert-file"].map(str::to_owned);
    let files = [certificate.chain.display().to_string(), "--tls-client-key-file".to_owned()];
    Ok(own.into_iter().chain(files).chain([certificate.key.display().to_string()]).collect())
}

impl Redis {
    /// Starts a server that speaks TLS too, and returns the port at which it does.
    ///
    /// # Errors
    ///
    /// When a program is missing, or the server does not answer.
    pub fn start_with_tls(directory: &Arc<Directory>, clients: bool) -> Result<(Self, u16)> {
        on_free_port(|port| {
            let arguments = arguments(directory, port, clients)?;
            Ok((Self::start(directory, &RedisOptions { arguments })?, port))
        })
    }
}
