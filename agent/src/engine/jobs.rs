//! Jobs: effects performed after their turn is durable, again and again until they are done.

use super::turns::LEASE_MS;
use super::{Engine, EngineError};
use crate::store::{LeasedJob, RetryRow, Unit, Writes};
use picomesh_pico::{Event, Origin};
use rand_core::RngCore;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};

/// Jobs of one queue that run at the same time: a slow peer holds no more.
const IN_FLIGHT_PER_QUEUE_MAX: usize = 4;
/// Jobs that run at the same time in all.
const RUNNING_MAX: usize = 1024;
/// Jobs that wait or run in memory; the others wait in the store.
const HELD_MAX: usize = 10_000;
/// Of these, what long queues may take: a peer who never answers leaves room for the others.
const HELD_BY_LONG_QUEUES_MAX: usize = 5_000;
/// Jobs that wait in a queue that is not long.
const SHORT_QUEUE_MAX: usize = 100;
/// Jobs leased from the store at once.
const LEASE_BATCH: i64 = 500;
/// How often the store is asked for jobs whose time has come.
const POLL: Duration = Duration::from_millis(500);
/// First pause between two tries, in milliseconds.
const RETRY_DELAY_MS: i64 = 1_000;
/// Longest pause between two tries, in milliseconds.
const RETRY_DELAY_MS_MAX: i64 = 15 * 60 * 1000;
/// How long somebody who cannot be reached is tried, in milliseconds.
const UNREACHABLE_MS_MAX: i64 = 7 * 24 * 3600 * 1000;
/// Tries of a job that fails although everybody is there.
const FAILED_ATTEMPTS_MAX: i64 = 5;

/// What became of one try.
#[derive(Clone, Debug, PartialEq)]
pub enum JobOutcome {
    /// Done; what the reply event tells.
    Done(Map<String, Value>),
    /// Somebody could not be reached: worth trying for days.
    Unreachable(String),
    /// It failed: worth trying a few times.
    Failed(String),
    /// It can never succeed.
    Impossible(String),
}

/// Performs jobs of one kind.
pub trait Worker: Send + Sync {
    /// Performs a job. May be called more than once for one job.
    fn perform<'a>(
        &'a self,
        engine: &'a Engine,
        job: &'a LeasedJob,
    ) -> Pin<Box<dyn Future<Output = JobOutcome> + Send + 'a>>;
}

/// The workers by the kind of their jobs.
#[derive(Default)]
pub struct Workers(HashMap<&'static str, Box<dyn Worker>>);

impl Workers {
    /// Adds a worker for a kind of jobs.
    #[must_use]
    pub fn with(mut self, kind: &'static str, worker: impl Worker + 'static) -> Self {
        self.0.insert(kind, Box::new(worker));
        self
    }
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<LeasedJob>,
    in_flight: usize,
}

#[derive(Default)]
struct Queues {
    by_name: HashMap<String, Queue>,
    /// Jobs that wait or run here: the store must not hand them out to us again.
    held: HashSet<String>,
}

/// Hands jobs to workers, queue by queue.
pub(super) struct Dispatcher {
    workers: Workers,
    queues: Mutex<Queues>,
    running: Semaphore,
    wake: Notify,
}

impl Dispatcher {
    pub(super) fn new(workers: Workers) -> Self {
        let running = Semaphore::new(RUNNING_MAX);
        Self { workers, queues: Mutex::default(), running, wake: Notify::new() }
    }

    pub(super) fn wake(&self) {
        self.wake.notify_one();
    }

    fn queues(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a job into its queue; returns it when the caller must start it.
    fn admit(&self, leased: LeasedJob) -> Option<LeasedJob> {
        let mut queues = self.queues();
        if queues.held.contains(&leased.job.id) {
            return None;
        }
        let Queues { by_name, held } = &mut *queues;
        let queue = by_name.entry(leased.job.queue.clone()).or_default();
        if queue.in_flight < in_flight_max(&leased.job.kind) {
            queue.in_flight += 1;
            held.insert(leased.job.id.clone());
            return Some(leased);
        }
        let is_short = queue.waiting.len() < SHORT_QUEUE_MAX;
        if held.len() < if is_short { HELD_MAX } else { HELD_BY_LONG_QUEUES_MAX } {
            held.insert(leased.job.id.clone());
            queue.waiting.push_back(leased);
        }
        None
    }

    /// A job is over: the next one of its queue.
    fn next(&self, over: &str, name: &str) -> Option<LeasedJob> {
        let mut queues = self.queues();
        queues.held.remove(over);
        let queue = queues.by_name.get_mut(name)?;
        if let Some(next) = queue.waiting.pop_front() {
            return Some(next);
        }
        queue.in_flight = queue.in_flight.saturating_sub(1);
        if queue.in_flight == 0 {
            queues.by_name.remove(name);
        }
        None
    }

    fn has_room(&self) -> bool {
        self.queues().held.len() < HELD_MAX
    }
}

impl Engine {
    /// Performs a job whose row is leased to this process.
    pub fn start_job(&self, leased: LeasedJob) {
        let Some(mut leased) = self.inner.dispatcher.admit(leased) else { return };
        let engine = self.clone();
        self.inner.tasks.spawn(async move {
            loop {
                let (id, queue) = (leased.job.id.clone(), leased.job.queue.clone());
                let permit = engine.inner.dispatcher.running.acquire().await;
                if !engine.inner.stop.is_cancelled() {
                    engine.perform(leased).await;
                }
                drop(permit);
                match engine.inner.dispatcher.next(&id, &queue) {
                    Some(next) => leased = next,
                    None => return,
                }
            }
        });
    }

    /// The job was done by other means: its row goes.
    pub async fn job_done(&self, job: &LeasedJob) {
        let mut writes = Writes::default();
        writes.job_done(&job.pico, &job.job.id);
        self.inner.committer.commit_later(Unit { fence: None, writes }).await;
    }

    async fn perform(&self, leased: LeasedJob) {
        let outcome = match self.inner.dispatcher.workers.0.get(leased.job.kind.as_str()) {
            Some(worker) => worker.perform(self, &leased).await,
            None => JobOutcome::Impossible(format!("no worker for {:?}", leased.job.kind)),
        };
        let outcome = match outcome {
            JobOutcome::Done(result) => self.reply(&leased, result).await,
            failed @ (JobOutcome::Unreachable(_)
            | JobOutcome::Failed(_)
            | JobOutcome::Impossible(_)) => failed,
        };
        let mut writes = Writes::default();
        match retry(&leased, &outcome, self.inner.clock.now()) {
            None => writes.job_done(&leased.pico, &leased.job.id),
            Some(row) => {
                tracing::warn!(pico = %leased.pico, job = row.id, kind = leased.job.kind,
                    attempts = row.attempts, given_up = row.dead_at.is_some(), reason = row.error,
                    "a job failed");
                writes.job_retry(row);
            }
        }
        self.inner.committer.commit_later(Unit { fence: None, writes }).await;
    }

    /// Brings a result back to the pico; the turn that takes it in ends the job.
    async fn reply(&self, leased: &LeasedJob, result: Map<String, Value>) -> JobOutcome {
        let Some(reply) = &leased.job.reply else {
            return JobOutcome::Done(result);
        };
        let event = Event {
            id: leased.job.id.clone(),
            domain: reply.domain.clone(),
            name: reply.name.clone(),
            attrs: result,
            origin: Origin::Job(leased.job.id.clone()),
            eci: None,
            once: Some(Sha256::digest(["job/", &leased.job.id].concat()).into()),
            for_rid: None,
            at: None,
        };
        match self.event(&leased.pico, event).await {
            Ok(_) | Err(EngineError::NoPico(_)) => JobOutcome::Done(Map::new()),
            Err(error) => JobOutcome::Unreachable(error.to_string()),
        }
    }
}

/// Jobs of one queue that run at the same time. Events to one channel arrive in the order in
/// which they were sent.
fn in_flight_max(kind: &str) -> usize {
    match kind {
        "event" => 1,
        _ => IN_FLIGHT_PER_QUEUE_MAX,
    }
}

/// The row of a job that is not done, or `None` when it is.
fn retry(leased: &LeasedJob, outcome: &JobOutcome, now: i64) -> Option<RetryRow> {
    let attempts = leased.attempts + 1;
    let (error, is_over) = match outcome {
        JobOutcome::Done(_) => return None,
        JobOutcome::Unreachable(error) => (error, now - leased.created_at > UNREACHABLE_MS_MAX),
        JobOutcome::Failed(error) => (error, attempts >= FAILED_ATTEMPTS_MAX),
        JobOutcome::Impossible(error) => (error, true),
    };
    Some(RetryRow {
        pico: leased.pico.clone(),
        id: leased.job.id.clone(),
        due_at: now + pause(attempts),
        attempts,
        dead_at: is_over.then_some(now),
        error: error.chars().take(500).collect(),
    })
}

/// Growing pauses, jittered so that many jobs do not come back at once.
fn pause(attempts: i64) -> i64 {
    let grown = RETRY_DELAY_MS << (attempts - 1).clamp(0, 20);
    let pause = grown.min(RETRY_DELAY_MS_MAX);
    pause / 2 + i64::from(rand_core::OsRng.next_u32()) % (pause / 2 + 1)
}

/// Leases jobs whose time has come: retries, and what a dead process left behind.
pub(super) async fn poll(engine: Engine) {
    // Nobody else has an embedded database open: leases in it are those of a process before us.
    let mut ahead = if engine.inner.store.is_exclusive() { LEASE_MS } else { 0 };
    loop {
        let now = engine.inner.clock.now() + std::mem::take(&mut ahead);
        let mut found = 0;
        if engine.inner.dispatcher.has_room() {
            match engine.inner.store.outbox_lease(now, LEASE_MS, LEASE_BATCH).await {
                Ok(jobs) => {
                    found = jobs.len();
                    jobs.into_iter().for_each(|job| engine.start_job(job));
                }
                Err(error) => tracing::warn!(%error, "the outbox could not be read"),
            }
        }
        let pause = if found == LEASE_BATCH as usize { Duration::ZERO } else { POLL };
        tokio::select! {
            () = engine.inner.stop.cancelled() => return,
            () = engine.inner.dispatcher.wake.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use picomesh_pico::{Job, PicoId};

    fn leased(attempts: i64) -> LeasedJob {
        let (kind, queue) = ("deliver".into(), "q".into());
        let job = Job { id: "j".into(), kind, queue, body: Value::Null, due_at: 0, reply: None };
        LeasedJob { pico: PicoId::parse("p").unwrap(), job, attempts, created_at: 0 }
    }

    #[test]
    fn pauses_grow_to_a_limit() {
        for attempts in 1..100 {
            let pause = pause(attempts);
            assert!((RETRY_DELAY_MS / 2..=RETRY_DELAY_MS_MAX).contains(&pause));
        }
        assert!(pause(30) >= RETRY_DELAY_MS_MAX / 2);
    }

    #[test]
    fn a_failing_job_is_given_up_after_its_tries() {
        let failed = JobOutcome::Failed("no".into());
        assert_eq!(retry(&leased(3), &failed, 9).unwrap().dead_at, None);
        assert_eq!(retry(&leased(4), &failed, 9).unwrap().dead_at, Some(9));
        assert_eq!(retry(&leased(0), &JobOutcome::Done(Map::new()), 9).map(|r| r.id), None);
    }

    #[test]
    fn somebody_out_of_reach_is_tried_for_days() {
        let away = JobOutcome::Unreachable("away".into());
        assert_eq!(retry(&leased(600), &away, UNREACHABLE_MS_MAX).unwrap().dead_at, None);
        assert!(retry(&leased(600), &away, UNREACHABLE_MS_MAX + 1).unwrap().dead_at.is_some());
    }
}
