//! Several processes on one file.

use crate::place::Place;
use futures_util::future::join_all;
use governance_persistence::{
    Backplane, BackplaneExt, Commit, Consistency, ETag, Error, Expected, ExperimentKey, LifecycleState, PageSize,
    Sequence, StateChange, StateTransition,
};
use governance_persistence_sql::{SqlBackplane, SqlOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// This test program once more, running only the (ignored) test `name` on this file.
pub(crate) fn child(name: &str, file: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("a test has an executable"));
    command.args(["--exact", name, "--ignored", "--nocapture", "--test-threads=1"]);
    command.env("GOVERNANCE_TEST_FILE", file);
    command
}

/// The same as a user without rights: as root, every file may be opened.
pub(crate) fn unprivileged(mut command: Command) -> Command {
    if rustix::process::geteuid().is_root() {
        command.uid(65_534).gid(65_534);
    }
    command
}

const ROUNDS: usize = 200;
const TASKS_A_PROCESS: usize = 32;

/// A process of racers, told each round's ETag on its input; it answers with the number of wins.
struct Racers {
    process: Child,
    answers: BufReader<std::process::ChildStdout>,
}

impl Racers {
    fn start(file: &Path) -> Self {
        let mut command = child("processes::races", file);
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

#[tokio::test]
async fn given_two_processes_of_32_tasks_when_all_use_one_etag_then_one_wins_each_of_200_rounds() {
    let place = Place::new();
    let key = ExperimentKey::new("race").unwrap();
    let backplane = place.connect().await;
    let draft = StateChange::to(LifecycleState::Draft);
    let mut etag = backplane.save_experiment_state(&key, draft, Expected::Absent).await.unwrap().etag.unwrap();

    let mut racers = [Racers::start(&place.path()), Racers::start(&place.path())];
    for round in 1..=ROUNDS {
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

    let mut sequence = Sequence::ZERO;
    loop {
        let log = backplane.log(&key, sequence, PageSize::MAX, Consistency::Strong).await.unwrap();
        let Some(last) = log.last() else { break };
        for entry in &log {
            assert_eq!(entry.sequence, sequence.next(), "the sequence has a gap");
            entry.verify().unwrap();
            sequence = entry.sequence;
        }
        assert_eq!(last.sequence, sequence);
    }
    assert_eq!(usize::try_from(sequence.get()).unwrap(), ROUNDS + 1);
}

#[tokio::test]
#[ignore = "a part of the test above, which runs it in processes of its own"]
async fn races() {
    let path = std::env::var("GOVERNANCE_TEST_FILE").expect("the test above sets it");
    let backplane = SqlBackplane::connect(&SqlOptions::new(&format!("sqlite:{path}")).unwrap()).await.unwrap();
    let key = ExperimentKey::new("race").unwrap();
    for line in std::io::stdin().lines() {
        let etag: ETag = line.unwrap().parse().unwrap();
        let commits: Vec<_> = (0..TASKS_A_PROCESS).map(|task| ramp(&key, etag, task)).collect();
        let answers = join_all(commits.iter().map(|commit| backplane.commit(commit))).await;
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

#[tokio::test]
async fn given_a_writer_that_is_killed_when_the_file_is_opened_again_then_all_it_had_acknowledged_is_there() {
    let place = Place::new();
    let backplane = place.connect().await;
    let key = ExperimentKey::new("killed").unwrap();
    let mut process = child("processes::writes_until_killed", &place.path()).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let acknowledged = lines.map_while(Result::ok).filter_map(|line| line.split_once("acknowledged: ")?.1.parse().ok());
    let acknowledged: Vec<Sequence> = acknowledged.take(100).collect();
    process.kill().unwrap();
    process.wait().unwrap();

    assert_eq!(acknowledged.len(), 100);
    let head = backplane.head(&key, Consistency::Strong).await.unwrap();
    assert!(head.sequence >= *acknowledged.last().unwrap(), "an acknowledged commit is gone");
    let history = backplane.get_state_transition_history(&key).await.unwrap();
    assert_eq!(history.len() as u64, head.sequence.get());
    // The file is not left locked.
    backplane.commit(&writing(&key)).await.unwrap();
}

#[tokio::test]
#[ignore = "a part of the test above, which kills it"]
async fn writes_until_killed() {
    let path = std::env::var("GOVERNANCE_TEST_FILE").expect("the test above sets it");
    let backplane = SqlBackplane::connect(&SqlOptions::new(&format!("sqlite:{path}")).unwrap()).await.unwrap();
    let key = ExperimentKey::new("killed").unwrap();
    // Bounded, should nobody come to kill it.
    for _ in 0..100_000 {
        let receipt = backplane.commit(&writing(&key)).await.unwrap();
        println!("\nacknowledged: {}", receipt.sequence);
    }
}

fn writing(key: &ExperimentKey) -> Commit {
    let transition = StateTransition::new(LifecycleState::Running, LifecycleState::Ramping, "writer");
    Commit::builder(key, Expected::Any).record(transition).build().unwrap()
}
