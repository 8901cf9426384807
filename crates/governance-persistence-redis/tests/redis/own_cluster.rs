//! What only a cluster can do wrong: a master dies, a slot moves to another server.

use crate::own;
use crate::raw::{Answer, Raw};
use crate::writers::{Writers, commit, keys, verify};
use futures_util::future::join_all;
use governance_persistence::{
    Backplane, Commit, Consistency, Error, Expected, ExperimentKey, ExperimentsQuery, Filter, Outcome, Retrying,
};
use governance_persistence_conformance::samples;
use governance_persistence_redis::{RedisBackplane, RedisOptions, Reindex};
use std::sync::Arc;
use std::time::Duration;
use xtask::services::{Directory, Redis, RedisCluster, Service};

fn cluster() -> Option<RedisCluster> {
    if !Service::RedisCluster.is_available().expect("Redis is installed where it has to be") {
        return None;
    }
    Some(RedisCluster::start(&Directory::create().expect("there is room")).expect("the cluster starts"))
}

async fn connect(cluster: &RedisCluster, wait_replicas: usize) -> Arc<dyn Backplane> {
    let options = RedisOptions::new(&cluster.url()).unwrap().command_timeout(Duration::from_secs(2)).unwrap();
    let backplane = RedisBackplane::connect(&options.wait_replicas(wait_replicas).unwrap()).await.unwrap();
    Arc::new(Retrying::new(backplane).deadline(Duration::from_secs(60)))
}

/// Given a master that is killed, then the writers go on by themselves. Without `WAIT` Redis may lose what it
/// acknowledged just before; what is there is whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_master_that_is_killed_while_many_write_then_they_go_on_and_what_is_there_is_whole() {
    let Some(mut cluster) = cluster() else { return };
    let backplane = connect(&cluster, 0).await;
    let writers = Writers::start(&backplane, keys(16));
    writers.go_on(10).await;
    cluster.nodes_mut()[0].kill().unwrap();
    writers.go_on(10).await;
    for (key, sent) in writers.stop().await {
        // What was written before the master died may be lost, but for what its replica had got long since.
        assert!(verify(&backplane, &key, &sent).await >= 10, "{key}");
    }
}

/// Waits until a replica has taken over from the master that is gone.
fn wait_for_promotion(cluster: &RedisCluster) {
    let is_master = |node: &Redis| node.cli(&["INFO", "replication"]).is_ok_and(|info| info.contains("role:master"));
    while !cluster.nodes()[3..].iter().any(is_master) {}
}

/// Given a master that is killed while many write, then no commit is lost that was acknowledged when a replica had it,
/// and no experiment from the listing. The writers go on by themselves: those of the master that is gone as soon as
/// there is a replica again, which is the old master.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_master_that_is_killed_while_many_wait_for_a_replica_then_nothing_acknowledged_is_lost() {
    let Some(mut cluster) = cluster() else { return };
    let backplane = connect(&cluster, 1).await;
    let writers = Writers::start(&backplane, keys(16));
    writers.go_on(20).await;
    cluster.nodes_mut()[0].kill().unwrap();
    let _cluster = tokio::task::spawn_blocking(move || {
        wait_for_promotion(&cluster);
        cluster.nodes_mut()[0].restart().unwrap();
        cluster
    })
    .await
    .unwrap();
    writers.go_on(20).await;
    for (key, sent) in writers.stop().await {
        assert_eq!(verify(&backplane, &key, &sent).await, sent.len(), "{key}");
    }
    let all = ExperimentsQuery::new(Filter::Any);
    assert_eq!(backplane.experiments(&all, Consistency::Strong).await.unwrap().items.len(), 16);
}

/// Given the one replica of a master stands still, then only what that master has is of unknown outcome.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_replica_in_a_cluster_that_stands_still_then_only_its_masters_writes_are_unknown() {
    let Some(cluster) = cluster() else { return };
    let options = RedisOptions::new(&cluster.url()).unwrap().wait_replicas(1).unwrap();
    let backplane = RedisBackplane::connect(&options.wait_timeout(Duration::from_secs(5)).unwrap()).await.unwrap();
    let keys = keys(16);
    for key in &keys {
        backplane.commit(&commit(key)).await.unwrap();
    }
    let replica = &cluster.nodes()[3];
    let master = replica.cli(&["INFO", "replication"]).unwrap();
    let port: u16 = master.lines().find_map(|line| line.trim().strip_prefix("master_port:")?.parse().ok()).unwrap();
    replica.pause().unwrap();
    let mut unknown = 0;
    let commits: Vec<_> = keys.iter().map(commit).collect();
    let answers = join_all(commits.iter().map(|commit| backplane.commit(commit))).await;
    for (key, answer) in keys.iter().zip(answers) {
        let has_it = |node: &Redis| node.cli(&["STRLEN", &format!("governance:{{//{}}}:state", key.name())]).is_ok();
        let is_there = has_it(cluster.nodes().iter().find(|node| node.port() == port).unwrap());
        match answer {
            Ok(_) => assert!(!is_there, "{key}: no replica has it"),
            Err(error) => {
                assert!(matches!(error, Error::Unavailable { outcome: Outcome::Unknown, .. }), "{key}: {error}");
                assert!(is_there, "{key}: {error}");
                unknown += 1;
            }
        }
    }
    replica.resume().unwrap();
    assert!((1..16).contains(&unknown), "{unknown} of 16 are on that master");
}

/// Given a master that stands still, then who writes to the others does not wait for who writes to it, and each of those has
/// an answer in time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_master_that_stands_still_when_writes_wait_for_a_replica_then_those_to_others_go_on() {
    let Some(cluster) = cluster() else { return };
    for node in cluster.nodes() {
        // It is not to be replaced meanwhile.
        assert_eq!(node.cli(&["CONFIG", "SET", "cluster-node-timeout", "600000"]).unwrap(), "OK");
    }
    let options = RedisOptions::new(&cluster.url()).unwrap().wait_replicas(1).unwrap().connections(1).unwrap();
    let options =
        options.command_timeout(Duration::from_secs(3)).unwrap().connect_timeout(Duration::from_secs(3)).unwrap();
    let backplane = RedisBackplane::connect(&options.wait_timeout(Duration::from_secs(3)).unwrap()).await.unwrap();
    let backplane: Arc<dyn Backplane> = Arc::new(backplane);
    let keys = keys(16);
    for key in &keys {
        backplane.commit(&commit(key)).await.unwrap();
    }
    let still = &cluster.nodes()[0];
    let has_it =
        |key: &&ExperimentKey| still.cli(&["STRLEN", &format!("governance:{{//{}}}:state", key.name())]).is_ok();
    let (of_it, of_others): (Vec<_>, Vec<_>) = keys.iter().partition(has_it);
    assert!(!of_it.is_empty() && !of_others.is_empty(), "{} of 16 are on it", of_it.len());

    still.pause().unwrap();
    let error = backplane.commit(&commit(of_it[0])).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error}");
    let commits: Vec<_> = of_it.iter().copied().cycle().take(20).map(commit).collect();
    let held_up = join_all(commits.iter().map(|commit| backplane.commit(commit)));
    let others = async {
        for _ in 0..5 {
            for key in &of_others {
                backplane.commit(&commit(key)).await.unwrap();
            }
        }
    };
    // Those to the one that stands still come first, and are first where they have to wait.
    let mut held_up = std::pin::pin!(held_up);
    tokio::select! {
        biased;
        _ = &mut held_up => panic!("the others waited for them"),
        () = others => {}
    }
    for answer in held_up.await {
        let error = answer.unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }), "{error}");
    }
    still.resume().unwrap();
    let retrying = Retrying::new(backplane.clone()).deadline(Duration::from_secs(60));
    for commit in &commits {
        retrying.commit(commit).await.unwrap();
    }
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

/// Given a server that joins the cluster and has none of the scripts, when it gets an experiment, then writers go on there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_server_that_joins_when_a_slot_moves_to_it_then_it_is_sent_the_scripts() {
    let Some(cluster) = cluster() else { return };
    let backplane = connect(&cluster, 0).await;
    let key = ExperimentKey::new("checkout").unwrap();
    backplane.commit(&commit(&key)).await.unwrap();
    let bus = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let new = own::server(&["--cluster-enabled", "yes", "--cluster-port", &bus]).unwrap();
    let nodes: Vec<&Redis> = cluster.nodes()[..3].iter().chain([&new]).collect();
    assert_eq!(nodes[0].cli(&["CLUSTER", "MEET", "127.0.0.1", &new.port().to_string(), &bus]).unwrap(), "OK");
    let mut servers: Vec<Raw> = nodes.iter().map(|node| own::raw(node)).collect();
    let ids: Vec<String> = servers.iter_mut().map(|server| server.ask(&["CLUSTER", "MYID"]).unwrap().text()).collect();
    let is_known = |node: &&Redis| {
        let known = node.cli(&["CLUSTER", "NODES"]).unwrap();
        ids.iter().all(|id| known.contains(id)) && !known.contains("handshake")
    };
    let is_whole = || new.cli(&["CLUSTER", "INFO"]).unwrap().contains("cluster_state:ok");
    while !(nodes.iter().all(is_known) && is_whole()) {}

    let head = "governance:{//checkout}:head";
    let Answer::Integer(slot) = servers[0].ask(&["CLUSTER", "KEYSLOT", head]).unwrap() else { panic!() };
    let answers = |server: &mut Raw| matches!(server.ask(&["TYPE", head]), Ok(Answer::Text(_)));
    let from = servers.iter_mut().position(answers).unwrap();
    let ids: Vec<_> = ids.into_iter().zip(nodes.iter().map(|node| format!("127.0.0.1:{}", node.port()))).collect();
    move_slot(&mut servers, &ids, &slot.to_string(), from, 3);
    assert_eq!(backplane.commit(&commit(&key)).await.unwrap().sequence.get(), 2);
    assert_eq!(own::raw(&new).ask(&["HGET", head, "sequence"]).unwrap(), Answer::Text("2".to_owned()));
    assert_eq!(backplane.head(&key, Consistency::Strong).await.unwrap().sequence.get(), 2);
}

/// Given a slot that is left between two servers, then the listing is not said to be right; when the slot has its server, it is.
/// Meanwhile an experiment of that slot cannot be written to, and not be read when it has moved.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_slot_between_two_servers_when_reindexed_then_it_does_not_say_that_all_is_listed() {
    let Some(cluster) = cluster() else { return };
    let options = RedisOptions::new(&cluster.url()).unwrap().command_timeout(Duration::from_secs(2)).unwrap();
    let backplane = RedisBackplane::connect(&options).await.unwrap();
    let key = ExperimentKey::new("checkout").unwrap();
    backplane.commit(&commit(&key)).await.unwrap();
    let addresses: Vec<String> = cluster.nodes()[..3].iter().map(|node| format!("127.0.0.1:{}", node.port())).collect();
    let mut servers: Vec<Raw> = addresses.iter().map(|address| Raw::connect(address).unwrap()).collect();
    let ids: Vec<String> = servers.iter_mut().map(|server| server.ask(&["CLUSTER", "MYID"]).unwrap().text()).collect();
    let head = "governance:{//checkout}:head";
    let Answer::Integer(slot) = servers[0].ask(&["CLUSTER", "KEYSLOT", head]).unwrap() else { panic!() };
    let slot = slot.to_string();
    let from =
        servers.iter_mut().position(|server| matches!(server.ask(&["TYPE", head]), Ok(Answer::Text(_)))).unwrap();
    let to = (from + 1) % 3;
    let ok = Answer::Text("OK".to_owned());
    assert_eq!(servers[to].ask(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &ids[from]]).unwrap(), ok);
    assert_eq!(servers[from].ask(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &ids[to]]).unwrap(), ok);

    let error = backplane.reindex(Reindex::Repair, |_| {}).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error}");
    assert!(error.to_string().contains("between two servers"), "{error}");
    // A key that is not there might have moved.
    let transition = Commit::builder(&key, Expected::Any).record(samples::transition()).build().unwrap();
    let error = backplane.commit(&transition).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error}");
    assert_eq!(backplane.head(&key, Consistency::Strong).await.unwrap().sequence.get(), 1);
    // All that this one names is there still.
    assert_eq!(backplane.commit(&commit(&key)).await.unwrap().sequence.get(), 2);

    let (host, port) = addresses[to].split_once(':').unwrap();
    loop {
        let keys = servers[from].ask(&["CLUSTER", "GETKEYSINSLOT", &slot, "1"]).unwrap().texts();
        let Some(key) = keys.first() else { break };
        servers[from].ask(&["MIGRATE", host, port, key, "0", "5000"]).unwrap();
    }
    let error = backplane.commit(&commit(&key)).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error}");
    let error = backplane.head(&key, Consistency::Strong).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error}");

    for server in [to, from] {
        assert_eq!(servers[server].ask(&["CLUSTER", "SETSLOT", &slot, "NODE", &ids[to]]).unwrap(), ok);
    }
    let retrying = Retrying::new(backplane).deadline(Duration::from_secs(60));
    assert_eq!(retrying.commit(&commit(&key)).await.unwrap().sequence.get(), 3);
    let backplane = RedisBackplane::connect(&options).await.unwrap();
    let done = backplane.reindex(Reindex::Repair, |_| {}).await.unwrap();
    assert_eq!((done.scanned, done.experiments), (1, 1), "{done:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_slots_that_move_while_many_write_then_no_commit_is_lost_or_refused() {
    move_slots(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_slots_that_move_while_many_wait_for_a_replica_then_no_commit_is_lost_or_refused() {
    move_slots(1).await;
}

async fn move_slots(wait_replicas: usize) {
    let Some(cluster) = cluster() else { return };
    let backplane = connect(&cluster, wait_replicas).await;
    let keys: Vec<_> = (0..4).map(|writer| ExperimentKey::new(&format!("w{writer}")).unwrap()).collect();
    let writers = Writers::start(&backplane, keys.clone());
    writers.go_on(25).await;
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
        writers.go_on(25).await;
    }
    for (key, sent) in writers.stop().await {
        assert_eq!(verify(&backplane, &key, &sent).await, sent.len());
    }
}
