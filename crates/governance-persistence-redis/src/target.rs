//! Where a URL leads: which servers, and as whom.

use governance_persistence::{Error, Result};
use std::path::PathBuf;
use url::Url;

const FIELD: &str = "connectionString";
const EXPECTED: &str = "a URL such as redis://user:password@host:6379/0, redis-cluster://host:6379?node=other:6379, \
                        redis-sentinel://host:26379/0?service=name&node=other:26379 or unix:///run/redis.sock";
const DEFAULT_PORT: u16 = 6_379;
const SENTINEL_PORT: u16 = 26_379;

/// The servers of a URL.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Servers {
    /// One, by TCP.
    One((String, u16)),
    /// One of this machine, by its socket.
    Socket(PathBuf),
    /// A cluster, of which these are asked for the others.
    Cluster(Vec<(String, u16)>),
    /// The one that these Sentinels name when they are asked for the service.
    Sentinel { service: String, nodes: Vec<(String, u16)> },
}

/// All that a URL says.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) servers: Servers,
    pub(crate) tls: bool,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) database: Option<u8>,
}

fn fault(problem: impl Into<String>) -> Error {
    Error::invalid(FIELD, problem, EXPECTED)
}

impl Target {
    /// Reads a URL. No error shows any of it but its scheme and the name of a parameter.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let url = Url::parse(text).map_err(|_| fault("is not a URL"))?;
        let user = Some(url.username()).filter(|user| !user.is_empty()).map(decode).transpose()?;
        let password = url.password().map(decode).transpose()?;
        if user.is_some() && password.is_none() {
            return Err(fault("has a user but no password"));
        }
        let parameters: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let (kind, tls) = kind(url.scheme())?;
        let (servers, database) = match kind {
            Kind::One => {
                known(&parameters, &[])?;
                (Servers::One(host(&url, DEFAULT_PORT)?), database(url.path().trim_start_matches('/'))?)
            }
            Kind::Cluster => {
                known(&parameters, &["node"])?;
                if !matches!(url.path(), "" | "/") {
                    return Err(fault("names a database, but a cluster has only one"));
                }
                (Servers::Cluster(nodes(&url, &parameters, DEFAULT_PORT)?), None)
            }
            Kind::Sentinel => {
                known(&parameters, &["service", "node"])?;
                let service = parameters.iter().find(|(name, _)| name == "service").map(|(_, service)| service.clone());
                let service = service.filter(|service| !service.is_empty());
                let service = service.ok_or_else(|| fault("names no service for the Sentinels: ?service=name"))?;
                let nodes = nodes(&url, &parameters, SENTINEL_PORT)?;
                (Servers::Sentinel { service, nodes }, database(url.path().trim_start_matches('/'))?)
            }
            Kind::Socket => {
                known(&parameters, &["db"])?;
                if url.host_str().is_some_and(|host| !matches!(host, "" | "localhost")) {
                    return Err(fault("has a host, but a socket is a file: unix:///run/redis.sock"));
                }
                let path = decode(url.path())?;
                if path.len() < 2 {
                    return Err(fault("names no socket"));
                }
                let chosen = parameters.first().map_or("", |(_, database)| database);
                (Servers::Socket(path.into()), database(chosen)?)
            }
        };
        Ok(Self { servers, tls, user, password, database })
    }

    pub(crate) fn is_cluster(&self) -> bool {
        matches!(self.servers, Servers::Cluster(_))
    }

    pub(crate) fn is_sentinel(&self) -> bool {
        matches!(self.servers, Servers::Sentinel { .. })
    }
}

enum Kind {
    One,
    Cluster,
    Sentinel,
    Socket,
}

/// What a scheme says: to what kind of servers it leads, and whether over TLS.
fn kind(scheme: &str) -> Result<(Kind, bool)> {
    let (kind, tls) = match scheme {
        "redis" | "valkey" => (Kind::One, false),
        "rediss" | "valkeys" => (Kind::One, true),
        "redis-cluster" | "valkey-cluster" => (Kind::Cluster, false),
        "rediss-cluster" | "valkeys-cluster" => (Kind::Cluster, true),
        "redis-sentinel" | "valkey-sentinel" => (Kind::Sentinel, false),
        "rediss-sentinel" | "valkeys-sentinel" => (Kind::Sentinel, true),
        "unix" | "redis+unix" => (Kind::Socket, false),
        _ => return Err(fault("does not begin with a scheme of Redis")),
    };
    if tls && !cfg!(feature = "tls") {
        let why = "this build has no TLS: it takes the feature `tls` of governance-persistence-redis";
        return Err(Error::Unsupported { what: format!("a URL {scheme}://").into(), why: why.into() });
    }
    Ok((kind, tls))
}

fn decode(part: &str) -> Result<String> {
    // `form_urlencoded` would take a + for a blank, which it is not outside of a query.
    let plus_kept = part.replace('+', "%2B");
    let text = format!("x={plus_kept}");
    let (_, value) = url::form_urlencoded::parse(text.as_bytes()).next().unwrap_or_default();
    if value.contains('\u{FFFD}') {
        Err(fault("has a part that is not percent-encoded UTF-8"))
    } else {
        Ok(value.into())
    }
}

fn host(url: &Url, default_port: u16) -> Result<(String, u16)> {
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| fault("names no host"))?;
    Ok((host.trim_matches(['[', ']']).to_owned(), url.port().unwrap_or(default_port)))
}

/// The host of the URL, and those of its parameters `node`.
fn nodes(url: &Url, parameters: &[(String, String)], default_port: u16) -> Result<Vec<(String, u16)>> {
    let others = parameters.iter().filter(|(name, _)| name == "node").map(|(_, node)| {
        let url = Url::parse(&format!("redis://{node}")).map_err(|_| fault("has a node that is not host:port"))?;
        host(&url, default_port)
    });
    [host(url, default_port)].into_iter().chain(others).collect()
}

fn database(text: &str) -> Result<Option<u8>> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| fault("names a database that is not a number from 0 to 255"))
}

fn known(parameters: &[(String, String)], known: &[&str]) -> Result<()> {
    match parameters.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((name, _)) => Err(fault(format!("has the unknown parameter {name:?}"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_where_and_as_whom() {
        let target = Target::parse("redis://alice:p%40s+s@db.example:7000/3").unwrap();
        assert!(target.servers == Servers::One(("db.example".into(), 7_000)));
        assert_eq!((target.user.as_deref(), target.password.as_deref()), (Some("alice"), Some("p@s+s")));
        assert_eq!(target.database, Some(3));
        let target = Target::parse("redis://[::1]").unwrap();
        assert!(target.servers == Servers::One(("::1".into(), 6_379)));
        let target = Target::parse("redis-cluster://:secret@a:1?node=b:2&node=c").unwrap();
        let nodes = [("a", 1), ("b", 2), ("c", 6_379)].map(|(host, port)| (host.to_owned(), port));
        assert!(target.servers == Servers::Cluster(nodes.into()));
        assert_eq!((target.user, target.password.as_deref()), (None, Some("secret")));
        let target = Target::parse("redis-sentinel://u:p@a/2?service=main%20one&node=b:2").unwrap();
        let nodes = [("a", 26_379), ("b", 2)].map(|(host, port)| (host.to_owned(), port)).into();
        assert!(target.servers == Servers::Sentinel { service: "main one".into(), nodes });
        assert_eq!((target.user.as_deref(), target.database), (Some("u"), Some(2)));
        let target = Target::parse("unix:///run/my%20redis.sock?db=2").unwrap();
        assert!(target.servers == Servers::Socket("/run/my redis.sock".into()));
        assert_eq!(target.database, Some(2));
    }

    #[test]
    fn a_url_of_tls_needs_the_feature() {
        for url in ["rediss://u:secret@h", "rediss-cluster://u:secret@h", "rediss-sentinel://u:secret@h?service=main"] {
            match Target::parse(url) {
                Ok(target) => assert!(target.tls && cfg!(feature = "tls"), "{url}"),
                Err(error) => {
                    assert!(matches!(error, Error::Unsupported { .. }) && !cfg!(feature = "tls"), "{url}: {error}");
                    assert!(error.to_string().contains("rediss") && !error.to_string().contains("secret"), "{error}");
                }
            }
        }
        assert!(!Target::parse("redis://h").unwrap().tls);
    }

    #[test]
    fn what_is_wrong_is_refused_and_shows_no_secret() {
        for bad in [
            "u:secret@h",
            "http://u:secret@h",
            "redis://u:secret@",
            "redis://u:secret@h/x",
            "redis://u:secret@h/300",
            "redis://u:secret@h?tls=1",
            "redis://secret@h",
            "redis://u:%ff@h",
            "redis-cluster://u:secret@h/1",
            "unix://u:secret@h/path",
            "unix:///",
            "redis-sentinel://u:secret@h",
            "redis-sentinel://u:secret@h?service=",
        ] {
            let error = Target::parse(bad).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(!error.is_empty() && !error.contains("secret"), "{bad}: {error}");
        }
    }
}
