//! Whether the user may do all that is needed: each command is tried, the writes on keys that are removed again.

use crate::error;
use crate::keys::{Keys, Layout, List};
use crate::link::{Command, Does, Failure, Link, Reply};
use crate::script::{COMMIT, EPHEMERAL_PUT, EPHEMERAL_REMOVE, HEAD, MEMBERS};
use crate::write::Request;
use bytes::Bytes;
use futures_util::future::try_join_all;
use governance_persistence::{
    ApprovalRecord, Commit, ConfigurationDraft, EphemeralId, EphemeralKind, Error, Expected, ExperimentKey, Json,
    JsonObject, LifecycleState, PolicyDefinition, PolicyEvaluation, Result, Severity, StateChange, StateTransition,
    VersionNumber,
};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long the keys may be there.
const LONGEST: Duration = Duration::from_secs(3_600);

const DOING: &str = "checking what this user may do";

pub(super) async fn check(link: &Link, layout: &Layout, keys: &Keys) -> Result<()> {
    let commit = commit()?;
    let request = Request::of_commit(&commit)?;
    let names = request.keys(keys, &[0; 5]);
    let (kind, id) = (EphemeralKind::new("probe")?, EphemeralId::new("probe")?);
    let ephemeral = [keys.ephemeral(&kind, &id), keys.ephemerals(&kind)].map(Bytes::from);

    let all: Vec<Bytes> = names.iter().chain(&ephemeral).cloned().collect();
    let remove = async || link.send(Command::on("DEL", all.clone()), Does::Write).await.map(|_| ()).map_err(failed);
    // Who may not remove them again does not get to write any.
    remove().await?;
    let tried = try_all(link, layout, keys, &request, (&names, &ephemeral)).await;
    let removed = remove().await;
    tried.and(removed)
}

async fn try_all(
    link: &Link,
    layout: &Layout,
    keys: &Keys,
    request: &Request<'_>,
    (names, ephemeral): (&[Bytes], &[Bytes; 2]),
) -> Result<()> {
    let applied = link.run(&COMMIT, names, &request.arguments(true, &[0; 5]), Does::Write).await.map_err(failed)?;
    expect("applied", applied)?;
    // They end by themselves, if this process does before it has removed them.
    let end = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + LONGEST;
    let expire = names.iter().map(|name| Command::on("PEXPIREAT", [name.clone(), end.as_millis().to_string().into()]));
    try_join_all(expire.map(|command| link.send(command, Does::Read))).await.map_err(failed)?;
    let head = link.run(&HEAD, &[keys.head(), keys.state()].map(Bytes::from), &[], Does::Read).await.map_err(failed)?;
    expect("head", head)?;
    let item = [&b"probe"[..], b"{}", b"60000"].map(Bytes::from_static);
    expect("put", link.run(&EPHEMERAL_PUT, ephemeral, &item, Does::Write).await.map_err(failed)?)?;
    expect("removed", link.run(&EPHEMERAL_REMOVE, ephemeral, &item[..1], Does::Write).await.map_err(failed)?)?;
    let text = |text: &str| text.to_owned();
    let listing = layout.experiments();
    for command in [
        Command::on("HGET", [keys.head(), text("sequence")]),
        Command::on("HMGET", [keys.head(), text("sequence")]),
        Command::on("LRANGE", [keys.chunk(List::Commits, 0), text("0"), text("0")]),
        Command::on("GET", [keys.state()]),
        // Only those that are there get a score, and this one never is.
        Command::on("ZADD", [listing.clone(), text("XX"), text("0"), text("probe")]),
    ] {
        link.send(command, Does::Read).await.map_err(failed)?;
    }
    let ranges: [(Bytes, &[&'static str]); 2] = [
        (ephemeral[1].clone(), &["ZRANGE", "0", "0"]),
        (listing.into(), &["ZRANGEBYLEX", "-", "+", "LIMIT", "0", "1"]),
    ];
    for (set, range) in ranges {
        let range: Vec<Bytes> = range.iter().map(|word| Bytes::from_static(word.as_bytes())).collect();
        link.run(&MEMBERS, &[set], &range, Does::Read).await.map_err(failed)?;
    }
    Ok(())
}

/// A commit with a state and a record of every kind, which touches every kind of key.
fn commit() -> Result<Commit> {
    let key = ExperimentKey::new("probe")?;
    let empty = JsonObject::empty();
    Commit::builder(&key, Expected::Absent)
        .state(StateChange::to(LifecycleState::Draft))
        .record(StateTransition::new(LifecycleState::Draft, LifecycleState::PendingApproval, "probe"))
        .record(ApprovalRecord::request(LifecycleState::Approved, "probe"))
        .record(ConfigurationDraft::new(Json::parse("{}")?, "probe").numbered(VersionNumber::FIRST))
        .record(PolicyDefinition::new("probe", "probe", empty, "probe"))
        .record(PolicyEvaluation::new("probe", true, Severity::Info))
        .build()
}

fn failed(failure: Failure) -> Error {
    error::of(DOING, failure, Does::Read)
}

fn expect(answer: &str, reply: Reply) -> Result<()> {
    let items = reply.into_list();
    let text = |index: usize| items.get(index).and_then(Reply::text).unwrap_or_default();
    if text(0) == answer {
        return Ok(());
    }
    // What the script could not do, on which key; whether it had begun to write does not matter here.
    Err(failed(Failure::Refused(format!("{} ({:?})", text(2), text(1)))))
}
