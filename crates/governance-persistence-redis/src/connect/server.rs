//! Whether the server will do: what it is, and how it is set up.

use super::Durability;
use super::place::Place;
use crate::RedisOptions;
use crate::error;
use crate::link::{Command, Does, Failure, Link, Master, Reply};
use futures_util::future::try_join_all;
use governance_persistence::{Error, Result};

/// The oldest version that has all the commands of the scripts: `SET … PXAT`, for one.
const OLDEST: (u32, u32) = (6, 2);

/// Looks at each server. What is said is what the weakest of them does.
pub(super) async fn check(link: &Link, places: &[Place], options: &RedisOptions) -> Result<Durability> {
    let each = places.iter().map(|place| look(link, &place.master, options.target().is_cluster()));
    let weakest = try_join_all(each).await?.into_iter().reduce(Durability::weakest);
    let durability = Durability { replicas: options.get_wait_replicas(), ..weakest.unwrap_or_default() };
    match durability.maxmemory_policy.as_deref() {
        Some(policy) if policy != "noeviction" && !options.get_allow_eviction() => Err(Error::Unsupported {
            what: format!("a server with maxmemory-policy {policy}").into(),
            why: "when it is full it removes keys, history among them; set noeviction, or allow eviction".into(),
        }),
        _ => Ok(durability),
    }
}

async fn look(link: &Link, master: &Master, clustered: bool) -> Result<Durability> {
    let info = ask(link, master, Command::anywhere("INFO", &[])).await?;
    let info = info.as_ref().and_then(Reply::text).unwrap_or_default();
    check_info(info, clustered)?;
    // Who may not ask for settings finds some of them in what the server tells of itself.
    let told = |name: &str| field(info, name).map(str::to_owned);
    let appendonly = setting(link, master, "appendonly").await?.or_else(|| told("aof_enabled"));
    Ok(Durability {
        appendonly: appendonly.map(|value| value == "yes" || value == "1"),
        appendfsync: setting(link, master, "appendfsync").await?,
        maxmemory_policy: setting(link, master, "maxmemory-policy").await?.or_else(|| told("maxmemory_policy")),
        replicas: 0,
    })
}

/// The answer, unless the user may not ask.
async fn ask(link: &Link, master: &Master, command: Command) -> Result<Option<Reply>> {
    match link.ask(master, command).await {
        Ok(reply) => Ok(Some(reply)),
        Err(Failure::Refused(text)) if error::is_about_rights(&text) || text.contains("unknown command") => Ok(None),
        Err(failure) => Err(error::of("looking at the server", failure, Does::Read)),
    }
}

async fn setting(link: &Link, master: &Master, name: &'static str) -> Result<Option<String>> {
    let Some(reply) = ask(link, master, Command::anywhere("CONFIG", &["GET", name])).await? else { return Ok(None) };
    Ok(reply.into_list().get(1).and_then(Reply::text).map(str::to_owned))
}

/// A line of what the server tells of itself.
fn field<'i>(info: &'i str, name: &str) -> Option<&'i str> {
    info.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(':'))
}

/// Without a version nothing is said: the user may not ask, and the probe finds what is missing.
fn check_info(info: &str, clustered: bool) -> Result<()> {
    let unsupported = |what: String, why: &str| Err(Error::Unsupported { what: what.into(), why: why.into() });
    if let Some(version) = field(info, "redis_version") {
        let mut numbers = version.split('.').map_while(|number| number.parse::<u32>().ok());
        if (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) < OLDEST {
            return unsupported(format!("Redis {version}"), "Redis 6.2 or later is needed");
        }
    }
    match field(info, "redis_mode") {
        Some("cluster") if !clustered => {
            unsupported("a server of a cluster alone".to_owned(), "connect to its cluster by redis-cluster://")
        }
        Some("sentinel") => {
            unsupported("a Sentinel".to_owned(), "connect to the server that it watches by redis-sentinel://")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_version_and_a_wrong_mode_are_refused() {
        let info = |version: &str, mode: &str| format!("# Server\r\nredis_version:{version}\r\nredis_mode:{mode}\r\n");
        assert!(check_info(&info("6.2.0", "standalone"), false).is_ok());
        assert!(check_info(&info("10.0.1", "cluster"), true).is_ok());
        assert!(check_info(&info("6.0.16", "standalone"), false).is_err());
        assert!(check_info(&info("5.0.3", "standalone"), false).unwrap_err().to_string().contains("5.0.3"));
        assert!(check_info(&info("7.0.15", "cluster"), false).unwrap_err().to_string().contains("redis-cluster://"));
        assert!(check_info(&info("7.0.15", "sentinel"), false).is_err());
        assert!(check_info("", false).is_ok());
    }
}
