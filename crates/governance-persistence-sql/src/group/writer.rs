//! One writer: a task that owns a connection.

use super::job::{Job, Step};
use super::session::{Failure, Known, Patience, Server, Session, Written};
use governance_persistence::{Error, Result};
use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// The most jobs in one statement.
const BATCH: usize = 64;

/// How often a statement runs again when others were in the way, or a job when what it met was gone
/// when it was looked at.
const ATTEMPTS: u32 = 10;

/// After so long without work the connection may have been cut, by a firewall say; so it is asked.
const IDLE: Duration = Duration::from_secs(1);

pub(super) struct Writer<S: Server> {
    server: Arc<S>,
    session: Option<(S::Session, Instant)>,
    inbox: mpsc::Receiver<Job>,
    waiting: VecDeque<Job>,
    statement_timeout: Duration,
}

impl<S: Server> Writer<S> {
    pub(super) fn new(
        server: Arc<S>,
        session: S::Session,
        inbox: mpsc::Receiver<Job>,
        statement_timeout: Duration,
    ) -> Self {
        let session = Some((session, Instant::now()));
        Self { server, session, inbox, waiting: VecDeque::new(), statement_timeout }
    }

    /// Writes until the queue is closed and empty.
    pub(super) async fn run(mut self) {
        while let Some(jobs) = self.next().await {
            self.write(jobs).await;
        }
        if let Some((session, _)) = self.session {
            session.close().await;
        }
    }

    /// All that waits, no two jobs of one experiment; it does not wait for more.
    async fn next(&mut self) -> Option<Vec<Job>> {
        if self.waiting.is_empty() {
            self.waiting.push_back(self.inbox.recv().await?);
        }
        while let Ok(job) = self.inbox.try_recv() {
            self.waiting.push_back(job);
        }
        if self.waiting.len() == 1 {
            // There is nothing to tell apart.
            return Some(self.waiting.drain(..).filter(|job| job.turn().take()).collect());
        }
        let mut keys = HashSet::new();
        let mut later = VecDeque::new();
        let mut now = Vec::new();
        for job in self.waiting.drain(..) {
            // Those of one experiment stay in the order in which they came.
            if keys.insert(job.key().clone()) && now.len() < BATCH { now.push(job) } else { later.push_back(job) }
        }
        self.waiting = later;
        // Who has waited for too long was told so.
        now.retain(|job| job.turn().take());
        Some(now)
    }

    async fn write(&mut self, jobs: Vec<Job>) {
        let (create, update): (Vec<_>, Vec<_>) = jobs.into_iter().partition(|job| job.first_step() == Step::Create);
        for (step, jobs) in [(Step::Update, update), (Step::Create, create)] {
            let left = self.batch(step, jobs).await;
            let (second, mut left): (Vec<_>, Vec<_>) = left.into_iter().partition(|job| job.second_step().is_some());
            let other = if step == Step::Create { Step::Update } else { Step::Create };
            left.extend(self.batch(other, second).await);
            for job in left {
                self.settle(job).await;
            }
        }
    }

    /// Writes a batch, and gives back those jobs that were not written and have no answer yet.
    async fn batch(&mut self, step: Step, jobs: Vec<Job>) -> Vec<Job> {
        if jobs.is_empty() {
            return jobs;
        }
        for known in [Known::Unlikely, Known::LeftOut] {
            match self.attempt(step, known, Patience::Usual, &jobs).await {
                Ok(written) => return tell(jobs, written),
                // Who holds one of the heads is not for the others to suffer.
                Err(Failure::Held(_) | Failure::Slow(_)) if jobs.len() > 1 => {
                    return self.one_by_one(step, Patience::Short, jobs).await;
                }
                // There is but one to blame.
                Err(Failure::Duplicate) if jobs.len() == 1 => return jobs,
                Err(Failure::Duplicate) => {}
                Err(failure) => return fail(jobs, &failure),
            }
        }
        // It is not the id of a commit that is taken: what is wrong with one is not for the others
        // to suffer.
        self.one_by_one(step, Patience::Usual, jobs).await
    }

    /// Writes each job for itself. When they wait for locks, not all of them together longer than a statement may take.
    async fn one_by_one(&mut self, step: Step, patience: Patience, jobs: Vec<Job>) -> Vec<Job> {
        let begun = Instant::now();
        let mut left = Vec::new();
        for job in jobs {
            if patience == Patience::Short && begun.elapsed() > self.statement_timeout {
                job.failed(Error::not_applied("others were waited for, for longer than statementTimeout", None));
                continue;
            }
            let job = vec![job];
            left.extend(match self.attempt(step, Known::LeftOut, patience, &job).await {
                Ok(written) => tell(job, written),
                Err(Failure::Duplicate) => job,
                Err(failure) => fail(job, &failure),
            });
        }
        left
    }

    /// Looks why a job was not written. What was in its way may be gone; then it is written.
    async fn settle(&mut self, mut job: Job) {
        for _ in 0..ATTEMPTS {
            job = match self.look(&job).await {
                Ok(look) => match job.settle(&look) {
                    Some(job) => job,
                    None => return,
                },
                Err(failure) => return job.failed(error(&failure)),
            };
            for step in [Some(job.first_step()), job.second_step()].into_iter().flatten() {
                let alone = vec![job];
                let left = match self.attempt(step, Known::Unlikely, Patience::Usual, &alone).await {
                    Ok(written) => tell(alone, written),
                    Err(Failure::Duplicate) => alone,
                    Err(failure) => fail(alone, &failure),
                };
                job = match left.into_iter().next() {
                    Some(job) => job,
                    None => return,
                };
            }
        }
        job.failed(Error::not_applied("the experiment kept changing while it was looked at", None));
    }

    /// Runs a statement, again and again when others are in the way. Where that keeps others waiting, one wait for a
    /// lock is enough.
    async fn attempt(
        &mut self,
        step: Step,
        known: Known,
        patience: Patience,
        jobs: &[Job],
    ) -> Result<Vec<Option<Written>>, Failure> {
        let jobs: Vec<&Job> = jobs.iter().collect();
        let waits_again = jobs.len() == 1 && patience == Patience::Usual;
        for attempt in 0..ATTEMPTS {
            let session = self.session().await?;
            let ran = match session.wait_for_locks(patience).await {
                Ok(()) => session.write(step, known, &jobs).await,
                Err(failure) => Err(failure),
            };
            match self.used(ran) {
                Err(held @ Failure::Held(_)) if !waits_again => return Err(held),
                Err(Failure::Again(_) | Failure::Held(_)) if attempt + 1 < ATTEMPTS => {
                    tokio::time::sleep(pause(attempt)).await;
                }
                done => return done,
            }
        }
        Err(Failure::Refused(Error::not_applied("others were in the way time and again", None)))
    }

    async fn look(&mut self, job: &Job) -> Result<super::Look, Failure> {
        let looked = self.session().await?.look(job).await;
        self.used(looked).map_err(|failure| match failure {
            // Looking writes nothing, and what was sent before wrote nothing either.
            Failure::Lost(error) => Failure::Broken(Error::not_applied(error.to_string(), None)),
            other => other,
        })
    }

    /// The connection; a new one if there is none, or if it was cut while nothing went over it.
    async fn session(&mut self) -> Result<&mut S::Session, Failure> {
        if let Some((session, used)) = &mut self.session
            && used.elapsed() > IDLE
            && !session.ping().await
        {
            self.session = None;
        }
        if self.session.is_none() {
            let session = self.server.open().await.map_err(Failure::Broken)?;
            self.session = Some((session, Instant::now()));
        }
        match &mut self.session {
            Some((session, _)) => Ok(session),
            None => Err(Failure::Broken(Error::not_applied("there is no connection", None))),
        }
    }

    /// Drops the session if it is of no more use.
    fn used<T>(&mut self, outcome: Result<T, Failure>) -> Result<T, Failure> {
        if matches!(outcome, Err(Failure::Demoted(_))) {
            self.server.demoted();
        }
        if matches!(outcome, Err(Failure::Broken(_) | Failure::Demoted(_) | Failure::Lost(_))) {
            self.session = None;
        } else if let Some((_, used)) = &mut self.session {
            *used = Instant::now();
        }
        outcome
    }
}

/// Tells those that were written, and gives back the others.
fn tell(jobs: Vec<Job>, written: Vec<Option<Written>>) -> Vec<Job> {
    let told = jobs.into_iter().zip(written).filter_map(|(job, written)| match written {
        Some(written) => {
            job.written(written);
            None
        }
        None => Some(job),
    });
    told.collect()
}

/// Tells all of them why nothing was written.
fn fail(jobs: Vec<Job>, failure: &Failure) -> Vec<Job> {
    for job in jobs {
        job.failed(error(failure));
    }
    Vec::new()
}

/// The error for one of those that share the failure. The driver's own error cannot be shared; what
/// it says is in the text.
fn error(failure: &Failure) -> Error {
    match failure {
        Failure::Duplicate => Error::not_applied("a unique key is taken", None),
        Failure::Again(error)
        | Failure::Held(error)
        | Failure::Slow(error)
        | Failure::Refused(error)
        | Failure::Broken(error)
        | Failure::Demoted(error)
        | Failure::Lost(error) => crate::error::again(error),
    }
}

/// A little, longer each time and never in step with others.
fn pause(attempt: u32) -> Duration {
    let longest = 1_000_u64 << attempt.min(6);
    Duration::from_micros(200 + RandomState::new().hash_one(attempt) % longest)
}
