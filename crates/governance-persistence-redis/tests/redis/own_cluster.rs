//! What only a cluster can do wrong: a master dies, a slot moves to another server.

use crate::raw::{Answer, Raw};
use governance_persistence::{
    Backplane, Commit, CommitId, Expected, ExperimentKey, PolicyEvaluation, Retrying, Severity,
};
use governance_persistence_conformance::Snapshot;
use governance_persistence_redis::{RedisBackplane, RedisOptions};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;
use xtask::services::{Directory, RedisCluster, Service};

fn cluster() -> Option<RedisCluster> {
    if !Service::RedisCluster.is_available().expect("Redis is installed where it has to be") {
        return None;
    }
    Some(RedisCluster::start(&Directory::create().expect("there is room")).expect("the cluster starts"))
}

async fn connect(cluster: &RedisCluster) -> Arc<dyn Backplane> {
    let options = RedisOptions::new(&cluster.url()).unwrap().command_timeout(Duration::from_secs(2)).unwrap();
    let backplane = RedisBackplane::connect(&options).await.unwrap();
    Arc::new(Retrying::new(backplane).deadline(Duration::from_secs(60)))
}

fn commit(key: &ExperimentKey) -> Commit {
    let evaluation = PolicyEvaluation::new("budget", true, Severity::Info);
    Commit::builder(key, Expected::Any).record(evaluation).build().unwrap()
}

/// Writers, each on an experiment of its own, until they are told to stop.
struct Writers {
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
    tasks: Vec<JoinHandle<(ExperimentKey, Vec<CommitId>)>>,
}

impl Writers {
    fn start(backplane: &Arc<dyn Backplane>, keys: impl IntoIterator<Item = ExperimentKey>) -> Self {
        let (stop, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let write = |key: ExperimentKey| {
            let (backplane, stop, acknowledged) = (backplane.clone(), stop.clone(), acknowledged.clone());
            tokio::spawn(async move {
                let mut sent = Vec::new();
                while !stop.load(Ordering::SeqCst) {
                    let commit = commit(&key);
                    backplane.commit(&commit).await.unwrap();
                    sent.push(commit.id());
                    acknowledged.fetch_add(1, Ordering::SeqCst);
                }
                (key, sent)
            })
        };
        let tasks = keys.into_iter().map(write).collect();
        Self { stop, acknowledged, tasks }
    }

    /// Waits until so many more commits were acknowledged.
    async fn go_on(&self, commits: usize) {
        let goal = self.acknowledged.load(Ordering::SeqCst) + commits;
        while self.acknowledged.load(Ordering::SeqCst) < goal && !self.tasks.iter().any(JoinHandle::is_finished) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    async fn stop(self) -> Vec<(ExperimentKey, Vec<CommitId>)> {
        self.stop.store(true, Ordering::SeqCst);
        let mut written = Vec::new();
        for task in self.tasks {
            written.push(task.await.unwrap());
        }
        written
    }
}

/// The log has no gap, every entry verifies, nothing is there twice, and nothing that was not sent.
async fn check(backplane: &Arc<dyn Backplane>, key: &ExperimentKey, sent: &[CommitId]) -> usize {
    let snapshot = Snapshot::of(&**backplane, key).await;
    snapshot.log.iter().for_each(|entry| entry.verify().unwrap());
    let there: BTreeSet<CommitId> = snapshot.log.iter().map(|entry| entry.commit_id).collect();
    assert_eq!(there.len(), snapshot.log.len(), "{key}: a commit is there twice");
    assert!(there.is_subset(&sent.iter().copied().collect()), "{key}: a commit is there that was not sent");
    there.len()
}

/// Given a master that is killed, then the writers go on by themselves. Without `WAIT` Redis may lose what it
/// acknowledged just before; what is there is whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_master_that_is_killed_while_many_write_then_they_go_on_and_what_is_there_is_whole() {
    let Some(mut cluster) = cluster() else { return };
    let backplane = connect(&cluster).await;
    let keys = (0..16).map(|writer| ExperimentKey::new(&format!("of writer {writer}")).unwrap());
    let writers = Writers::start(&backplane, keys);
    writers.go_on(200).await;
    cluster.nodes_mut()[0].kill().unwrap();
    writers.go_on(200).await;
    let written = writers.stop().await;
    let (mut there, mut acknowledged) = (0, 0);
    for (key, sent) in &written {
        there += check(&backplane, key, sent).await;
        acknowledged += sent.len();
        // Those whose master is gone have another one.
        backplane.commit(&commit(key)).await.unwrap();
    }
    assert!(there >= 400 - 16, "{there} of {acknowledged} are there");
}

/// Moves a slot from the server that has it to another one, as `redis-cli --cluster reshard` does.
fn move_slot(servers: &mut [Raw], ids: &[(String, String)], slot: &str, from: usize, to: usize) {
    let ok = Answer::Text("OK".to_owned());
    let (from_id, to_id) = (ids[from].0.clone(), ids[to].0.clone());
    let (host, port) = ids[to].1.split_once(':').unwrap();
    assert_eq!(servers[to].ask(&["CLUSTER", "SETSLOT", slot, "IMPORTING", &from_id]).unwrap(), ok);
    assert_eq!(servers[from].ask(&["CLUSTER", "SETSLOT", slot, "MIGRATING", &to_id]).unwrap(), ok);
    loop {
        let keys = servers[from].ask(&["CLUSTER", "GETKEYSINSLOT", slot, "1"]).unwrap().texts();
        let Some(key) = keys.first() else { break };
        let moved = servers[from].ask(&["MIGRATE", host, port, key, "0", "5000"]).unwrap();
        assert!(matches!(moved, Answer::Text(_)), "{moved:?}");
    }
    for server in [to, from] {
        assert_eq!(servers[server].ask(&["CLUSTER", "SETSLOT", slot, "NODE", &to_id]).unwrap(), ok);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_slots_that_move_while_many_write_then_no_commit_is_lost_or_refused() {
    let Some(cluster) = cluster() else { return };
    let backplane = connect(&cluster).await;
    let keys: Vec<_> = (0..4).map(|writer| ExperimentKey::new(&format!("w{writer}")).unwrap()).collect();
    let writers = Writers::start(&backplane, keys.clone());
    writers.go_on(100).await;
    let addresses: Vec<String> = cluster.nodes()[..3].iter().map(|node| format!("127.0.0.1:{}", node.port())).collect();
    for _ in 0..3 {
        let (addresses, keys) = (addresses.clone(), keys.clone());
        tokio::task::spawn_blocking(move || {
            let mut servers: Vec<Raw> = addresses.iter().map(|address| Raw::connect(address).unwrap()).collect();
            let ids: Vec<_> =
                servers.iter_mut().map(|server| server.ask(&["CLUSTER", "MYID"]).unwrap().text()).collect();
            let ids: Vec<_> = ids.into_iter().zip(addresses).collect();
            for key in keys {
                let head = format!("governance:{{//{}}}:head", key.name());
                let Answer::Integer(slot) = servers[0].ask(&["CLUSTER", "KEYSLOT", &head]).unwrap() else { panic!() };
                // Who has it answers; the others say that it has moved.
                let answers = |server: &mut Raw| matches!(server.ask(&["TYPE", &head]), Ok(Answer::Text(_)));
                let from = servers.iter_mut().position(answers).unwrap();
                move_slot(&mut servers, &ids, &slot.to_string(), from, (from + 1) % 3);
            }
        })
        .await
        .unwrap();
        writers.go_on(100).await;
    }
    for (key, sent) in writers.stop().await {
        assert_eq!(check(&backplane, &key, &sent).await, sent.len());
    }
}
