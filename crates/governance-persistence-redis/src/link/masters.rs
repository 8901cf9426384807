//! The servers that keys are on, each asked by itself for what it has.

use super::{Command, Failure, Link, READ_ATTEMPTS, Reply};
use bytes::Bytes;
use fred::interfaces::{ClientLike, ClusterInterface};
use fred::types::config::{Options, Server};
use fred::types::{ClusterHash, CustomCommand};
use tokio::time::timeout;

/// About how many keys a server looks at before it answers.
const STEP: &str = "1000";

/// A server; none where there is only one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Master(Option<Server>);

/// The servers, and which slots of a cluster each has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Masters {
    pub(crate) each: Vec<Master>,
    slots: Vec<(u16, u16, Server)>,
}

impl Masters {
    /// Is it this one that has the key?
    pub(crate) fn has(&self, master: &Master, key: &str) -> bool {
        let slot = fred::util::redis_keyslot(key.as_bytes());
        let owner = self.slots.iter().find(|(first, last, _)| (*first..=*last).contains(&slot));
        master.0.as_ref().is_none_or(|server| owner.is_some_and(|(_, _, owner)| owner == server))
    }
}

/// A part of the keys of a server, and where the next part begins; none after the last one.
pub(crate) struct Part {
    pub(crate) keys: Vec<Bytes>,
    pub(crate) next: Option<Bytes>,
}

impl Part {
    /// Of the answer of `SCAN` or `ZSCAN`.
    pub(crate) fn of(answer: Reply) -> Result<Self, Failure> {
        let items = answer.into_list();
        let [Reply::Bytes(next), Reply::List(keys)] = &items[..] else {
            return Err(Failure::Unusable("the server answered a scan with something else".to_owned()));
        };
        let keys = keys.iter().filter_map(Reply::bytes).cloned().collect();
        Ok(Self { keys, next: Some(next.clone()).filter(|next| next[..] != b"0"[..]) })
    }
}

impl Link {
    /// The servers as they share out the keys now.
    pub(crate) async fn masters(&self) -> Result<Masters, Failure> {
        if !self.clustered {
            return Ok(Masters { each: vec![Master(None)], slots: Vec::new() });
        }
        let (client, _) = self.pool.lease().client();
        let late = |elapsed| Failure::NotSent("the cluster does not tell in time".to_owned(), Box::new(elapsed));
        timeout(self.patience, client.sync_cluster()).await.map_err(late)?.map_err(Failure::of_client)?;
        let Some(routing) = client.cached_cluster_state() else {
            return Err(Failure::Unusable("the cluster does not tell who has which slots".to_owned()));
        };
        let each = routing.unique_primary_nodes().into_iter().map(|server| Master(Some(server))).collect();
        let slots = routing.slots().iter().map(|slot| (slot.start, slot.end, slot.primary.clone())).collect();
        Ok(Masters { each, slots })
    }

    /// Is a slot of the cluster on its way, by what this server knows? Its keys are on one of two servers then.
    pub(crate) async fn moves_slots(&self, master: &Master) -> Result<bool, Failure> {
        if master.0.is_none() {
            return Ok(false);
        }
        let nodes = self.ask(master, Command::anywhere("CLUSTER", &["NODES"])).await?;
        // Each says so of itself alone: [slot->-to] or [slot-<-from], behind its slots.
        let of_itself =
            |line: &&str| line.split(' ').nth(2).is_some_and(|flags| flags.split(',').any(|flag| flag == "myself"));
        let line = nodes.text().unwrap_or_default().lines().find(of_itself).unwrap_or_default();
        Ok(line.split(' ').skip(8).any(|slots| slots.starts_with('[')))
    }

    /// Asks a server, where a question may be asked twice.
    pub(crate) async fn ask(&self, master: &Master, command: Command) -> Result<Reply, Failure> {
        let (client, _) = self.pool.lease().client();
        let options =
            Options { max_attempts: Some(READ_ATTEMPTS), cluster_node: master.0.clone(), ..Options::default() };
        let name = CustomCommand::new_static(command.name, ClusterHash::Random, false);
        let frame = client.with_options(&options).custom_raw(name, command.arguments).await;
        frame.map_err(Failure::of_client).and_then(Reply::of_frame)
    }

    /// A part of the keys of a server that match a pattern; from the beginning, or where the part before ended.
    pub(crate) async fn scan(&self, master: &Master, from: Option<&Bytes>, pattern: &str) -> Result<Part, Failure> {
        let from = from.cloned().unwrap_or(Bytes::from_static(b"0"));
        let words = ["MATCH", pattern, "COUNT", STEP].map(|word| Bytes::copy_from_slice(word.as_bytes()));
        Part::of(self.ask(master, Command::on("SCAN", std::iter::once(from).chain(words))).await?)
    }
}
