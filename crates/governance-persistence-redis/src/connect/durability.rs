//! What an acknowledged commit survives.

use std::fmt;

/// Said when nobody tells what happens when the server is full.
pub(super) const UNKNOWN_POLICY: &str = "Whether a full server removes keys, history among them, is not known: this \
                                         user may run neither CONFIG GET nor INFO";

/// What an acknowledged commit survives, by the settings of the server; of a cluster, by the weakest of its servers. Shown, it is a sentence or two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Durability {
    /// The setting `appendonly`: is each write added to a file? `None` when the user may ask neither for it nor for
    /// `INFO`.
    pub appendonly: Option<bool>,
    /// The setting `appendfsync`: when that file is on the disk. `None` when the user may not ask.
    pub appendfsync: Option<String>,
    /// The setting `maxmemory-policy`: what happens when the server is full. `None` when the user may ask neither for it
    /// nor for `INFO`.
    pub maxmemory_policy: Option<String>,
    /// How many replicas have a write when it is acknowledged.
    pub replicas: usize,
}

impl Durability {
    /// What holds on two servers: of each setting the weaker. One that is not known may be weaker than it should be.
    pub(super) fn weakest(self, other: Self) -> Self {
        let file = |on: &Option<bool>| on.map_or(1, |on| if on { 2 } else { 0 });
        let sync = |when: &Option<String>| match when.as_deref() {
            Some("always") => 3,
            Some("everysec") => 2,
            None => 1,
            Some(_) => 0,
        };
        let policy = |policy: &Option<String>| match policy.as_deref() {
            Some("noeviction") => 2,
            None => 1,
            Some(_) => 0,
        };
        Self {
            appendonly: [self.appendonly, other.appendonly].into_iter().min_by_key(file).flatten(),
            appendfsync: [self.appendfsync, other.appendfsync].into_iter().min_by_key(sync).flatten(),
            maxmemory_policy: [self.maxmemory_policy, other.maxmemory_policy].into_iter().min_by_key(policy).flatten(),
            replicas: self.replicas.min(other.replicas),
        }
    }
}

impl fmt::Display for Durability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.appendonly, self.appendfsync.as_deref()) {
            (Some(true), Some("always")) => {
                "an acknowledged commit is on the disk and survives a power cut (appendfsync always)"
            }
            (Some(true), Some("everysec")) => {
                "an acknowledged commit survives a crash of the server; a power cut may take those of the last second \
                 or two (appendfsync everysec)"
            }
            (Some(true), None) => {
                "an acknowledged commit survives a crash of the server; what a power cut may take is not known: this \
                 user may not run CONFIG GET"
            }
            (Some(true), Some(_)) => {
                "an acknowledged commit survives a crash of the server; a power cut may take what the system has not \
                 yet written to the disk (appendfsync no)"
            }
            (Some(false), _) => {
                "an acknowledged commit is only in memory until the next snapshot; a crash of the server may take it \
                 (appendonly no)"
            }
            (None, _) => {
                "whether an acknowledged commit survives a crash is not known: this user may run neither CONFIG GET \
                 nor INFO"
            }
        })?;
        match self.replicas {
            0 => f.write_str(". A failover to a replica may take the last ones too, because replicas follow later")?,
            1 => f.write_str(". It is in the memory of one replica too, and survives a failover to that one")?,
            some => write!(f, ". It is in the memory of {some} replicas too, and survives a failover to one of them")?,
        }
        match self.maxmemory_policy.as_deref() {
            Some("noeviction") => Ok(()),
            None => write!(f, ". {UNKNOWN_POLICY}"),
            Some(policy) => write!(f, ". A full server removes keys, history among them (maxmemory-policy {policy})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_servers_the_weaker_counts_and_what_is_not_known_is_not_taken_as_good() {
        let settings = |appendonly, appendfsync: Option<&str>, policy: Option<&str>| Durability {
            appendonly,
            appendfsync: appendfsync.map(str::to_owned),
            maxmemory_policy: policy.map(str::to_owned),
            replicas: 0,
        };
        let good = || settings(Some(true), Some("always"), Some("noeviction"));
        assert_eq!(good().weakest(good()), good());
        for worse in [
            settings(None, None, None),
            settings(Some(false), Some("everysec"), Some("allkeys-lru")),
            settings(Some(true), Some("no"), None),
        ] {
            assert_eq!(good().weakest(worse.clone()), worse);
            assert_eq!(worse.clone().weakest(good()), worse);
        }
        let unknown_or_lost =
            settings(None, None, None).weakest(settings(Some(false), Some("no"), Some("volatile-ttl")));
        assert_eq!(unknown_or_lost, settings(Some(false), Some("no"), Some("volatile-ttl")));
    }

    #[test]
    fn each_setting_is_said_as_what_it_means() {
        let said = |appendonly, appendfsync: &str, policy: &str| {
            let durability = Durability {
                appendonly,
                appendfsync: Some(appendfsync.to_owned()),
                maxmemory_policy: Some(policy.to_owned()),
                replicas: 0,
            };
            durability.to_string()
        };
        assert!(said(Some(true), "always", "noeviction").contains("survives a power cut"));
        assert!(said(Some(true), "everysec", "noeviction").contains("last second"));
        assert!(said(Some(false), "always", "noeviction").contains("only in memory"));
        assert!(said(Some(true), "always", "allkeys-lru").contains("removes keys"));
        assert!(said(None, "", "noeviction").contains("not known"));
        let unknown = Durability { appendonly: Some(true), ..Durability::default() }.to_string();
        assert!(unknown.contains("power cut may take is not known") && unknown.contains("removes keys"), "{unknown}");
    }
}
