//! Four processes of sixteen tasks, all racing on one ETag: one of them wins each round.

use crate::place::Place;
use futures_util::future::join_all;
use governance_persistence::{
    Backplane, BackplaneExt, Commit, ETag, Error, Expected, ExperimentKey, LifecycleState, StateChange, StateTransition,
};
use governance_persistence_conformance::{Opener, Snapshot};
use governance_persistence_redis::{RedisBackplane, RedisOptions};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

/// How many rounds there are, if not these.
const ROUNDS_VARIABLE: &str = "GOVERNANCE_TEST_ROUNDS";
const ROUNDS: usize = 1_000;
const PROCESSES: usize = 4;
const TASKS_A_PROCESS: usize = 16;
/// What the racers are told: where, and under which prefix.
const URL: &str = "GOVERNANCE_TEST_RACE_URL";
const PREFIX: &str = "GOVERNANCE_TEST_RACE_PREFIX";

/// A process of racers, told each round's ETag on its input; it answers with the number of wins.
struct Racers {
    process: Child,
    answers: BufReader<std::process::ChildStdout>,
}

impl Racers {
    fn start(place: &Place) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("a test has an executable"));
        command.args(["--exact", "race::races", "--ignored", "--nocapture", "--test-threads=1"]);
        command.env(URL, place.url()).env(PREFIX, place.prefix());
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Self { process, answers }
    }

    fn go(&mut self, etag: ETag) {
        writeln!(self.process.stdin.as_ref().unwrap(), "{etag}").unwrap();
    }

    fn wins(&mut self) -> usize {
        loop {
            let mut line = String::new();
            assert!(self.answers.read_line(&mut line).unwrap() > 0, "the racers ended early");
            if let Some((_, wins)) = line.split_once("wins: ") {
                return wins.trim().parse().unwrap();
            }
        }
    }
}

async fn race(place: Place) {
    if let Some(missing) = place.missing() {
        eprintln!("skipped: {missing}");
        return;
    }
    let rounds = std::env::var(ROUNDS_VARIABLE).map_or(ROUNDS, |rounds| rounds.parse().expect("a number of rounds"));
    let key = ExperimentKey::new("race").unwrap();
    let backplane = place.connect().await;
    let draft = StateChange::to(LifecycleState::Draft);
    let mut etag = backplane.save_experiment_state(&key, draft, Expected::Absent).await.unwrap().etag.unwrap();

    let mut racers = [(); PROCESSES].map(|()| Racers::start(&place));
    for round in 1..=rounds {
        racers.iter_mut().for_each(|racers| racers.go(etag));
        let wins: usize = racers.iter_mut().map(Racers::wins).sum();
        assert_eq!(wins, 1, "round {round}");
        let state = backplane.get_experiment_state(&key).await.unwrap().unwrap();
        assert_ne!(state.etag, etag, "round {round}");
        etag = state.etag;
    }
    for mut racers in racers {
        drop(racers.process.stdin.take());
        assert!(racers.process.wait().unwrap().success());
    }
    // The first commit, and one for each round.
    let snapshot = Snapshot::of(&backplane, &key).await;
    assert_eq!(snapshot.log.len(), rounds + 1);
    snapshot.log.iter().for_each(|entry| entry.verify().unwrap());
}

#[tokio::test]
async fn given_four_processes_of_16_tasks_when_all_use_one_etag_then_one_wins_each_round() {
    race(Place::on_one_server()).await;
}

#[tokio::test]
async fn given_four_processes_of_16_tasks_when_all_use_one_etag_on_a_cluster_then_one_wins_each_round() {
    race(Place::on_a_cluster()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a part of the tests above, which run it in processes of its own"]
async fn races() {
    let of = |name: &str| std::env::var(name).expect("the tests above set it");
    let options = RedisOptions::new(&of(URL)).and_then(|options| options.prefix(&of(PREFIX))).unwrap();
    let backplane = Arc::new(RedisBackplane::connect(&options).await.unwrap());
    let key = ExperimentKey::new("race").unwrap();
    for line in std::io::stdin().lines() {
        let etag: ETag = line.unwrap().parse().unwrap();
        let tasks = (0..TASKS_A_PROCESS).map(|task| {
            let (backplane, commit) = (backplane.clone(), ramp(&key, etag, task));
            tokio::spawn(async move { backplane.commit(&commit).await })
        });
        let answers: Vec<_> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
        let wins = answers.iter().filter(|answer| answer.is_ok()).count();
        let lost = answers.iter().filter(|answer| answer.as_ref().is_err_and(Error::is_conflict)).count();
        assert_eq!(wins + lost, TASKS_A_PROCESS, "{answers:?}");
        println!("\nwins: {wins}");
    }
}

fn ramp(key: &ExperimentKey, etag: ETag, task: usize) -> Commit {
    let actor = format!("task {task} of {}", std::process::id());
    Commit::builder(key, Expected::Match(etag))
        .state(StateChange::to(LifecycleState::Ramping).by(actor.clone()))
        .record(StateTransition::new(LifecycleState::Running, LifecycleState::Ramping, actor))
        .build()
        .unwrap()
}
