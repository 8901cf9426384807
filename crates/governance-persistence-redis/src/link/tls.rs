//! TLS: whose certificate a server's has to come from, and the one that is shown to it.

use super::Failure;
use crate::access::Access;
use fred::rustls::pki_types::pem::{Error as PemError, PemObject};
use fred::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use fred::rustls::{ClientConfig, RootCertStore, crypto::ring};
use fred::rustls_native_certs::load_native_certs;
use fred::types::config::{HostMapping, TlsConfig, TlsConnector, TlsHostMapping};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

/// The files are read whenever a client is made, so that new ones are taken.
pub(super) fn config(access: &Access) -> Result<TlsConfig, Failure> {
    // Named, because a program that also has another library of cryptography has no default.
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let unusable = |error| Failure::Unusable(format!("TLS cannot be set up: {error}"));
    let builder = builder.with_safe_default_protocol_versions().map_err(unusable)?;
    let builder = builder.with_root_certificates(roots(access.ca.as_deref())?);
    let config = match (&access.certificate, &access.key) {
        (Some(certificate), Some(key)) => {
            let chain = certificates("tlsCertificate", certificate)?;
            let key = PrivateKeyDer::from_pem_file(key)
                .map_err(|error| unreadable("tlsKey", &error, "a PEM file with a private key"))?;
            builder.with_client_auth_cert(chain, key).map_err(|error| {
                Failure::option(
                    "tlsKey",
                    format!("does not go with tlsCertificate: {error}"),
                    "the key of the certificate",
                )
            })?
        }
        _ => builder.with_no_client_auth(),
    };
    let hostnames = TlsHostMapping::Custom(Arc::new(NameOfTheUrl));
    Ok(TlsConfig { connector: TlsConnector::from(config), hostnames })
}

/// The servers of a cluster tell each other's addresses. Where the URL has a name, it is the name in all certificates, if
/// the servers tell none; where it has an address, each certificate has its server's.
#[derive(Debug)]
struct NameOfTheUrl;

impl HostMapping for NameOfTheUrl {
    fn map(&self, _: &IpAddr, default_host: &str) -> Option<String> {
        Some(default_host).filter(|host| host.parse::<IpAddr>().is_err()).map(str::to_owned)
    }
}

fn roots(file: Option<&Path>) -> Result<RootCertStore, Failure> {
    let mut roots = RootCertStore::empty();
    match file {
        Some(file) => {
            for certificate in certificates("tlsCa", file)? {
                roots.add(certificate).map_err(|error| {
                    Failure::option(
                        "tlsCa",
                        format!("has what is no certificate of an authority: {error}"),
                        CERTIFICATES,
                    )
                })?;
            }
        }
        // One that cannot be read leaves the others.
        None => drop(roots.add_parsable_certificates(load_native_certs().certs)),
    }
    Ok(roots)
}

const CERTIFICATES: &str = "a PEM file with certificates";

fn certificates(option: &'static str, file: &Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let all = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let all = all.map_err(|error| unreadable(option, &error, CERTIFICATES))?;
    if all.is_empty() {
        return Err(Failure::option(option, "has no certificate".to_owned(), CERTIFICATES));
    }
    Ok(all)
}

fn unreadable(option: &'static str, error: &PemError, expected: &'static str) -> Failure {
    Failure::option(option, format!("cannot be read: {error}"), expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_url_with_a_name_then_servers_that_tell_only_addresses_are_known_by_it() {
        let address = IpAddr::from([10, 0, 0, 2]);
        assert_eq!(NameOfTheUrl.map(&address, "redis.example").as_deref(), Some("redis.example"));
        assert_eq!(NameOfTheUrl.map(&address, "10.0.0.1"), None);
    }
}
