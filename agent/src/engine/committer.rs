//! Group commit: finished turns of all picos gather here and become durable together.

use crate::store::{Committed, Store, StoreError, Unit};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;

/// Most units of one commit.
const COMMIT_UNITS_MAX: usize = 256;
/// A batch below this size waits for more, if more came last time.
const PATIENT_BELOW_UNITS: usize = 16;
/// How long it waits.
const PATIENCE: Duration = Duration::from_millis(1);
/// Units that may wait for a commit; whoever brings more waits.
const WAITING_UNITS_MAX: usize = 4096;

/// What became of a unit; `Err` means that nothing is known to be written.
pub(super) type Result = std::result::Result<Committed, Arc<StoreError>>;

struct Waiting {
    unit: Unit,
    reply: Option<oneshot::Sender<Result>>,
}

/// Where finished turns go.
pub(super) struct Committer {
    queue: Mutex<Option<mpsc::Sender<Waiting>>>,
}

impl Committer {
    /// Starts as many tasks as the database has use for.
    pub(super) fn start(store: Arc<Store>, tasks: &TaskTracker) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING_UNITS_MAX);
        let receiver = Arc::new(tokio::sync::Mutex::new(receiver));
        for _ in 0..store.committers() {
            tasks.spawn(run(store.clone(), receiver.clone()));
        }
        Self { queue: Mutex::new(Some(sender)) }
    }

    /// Commits a unit and says what became of it; `None` when the engine has stopped.
    pub(super) async fn commit(&self, unit: Unit) -> Option<Result> {
        let (reply, committed) = oneshot::channel();
        self.sender()?.send(Waiting { unit, reply: Some(reply) }).await.ok()?;
        committed.await.ok()
    }

    /// Commits a unit some time soon; nobody waits for it.
    pub(super) async fn commit_later(&self, unit: Unit) {
        if let Some(sender) = self.sender() {
            // A closed queue means that we are stopping: leases run out and the work is redone.
            let _ = sender.send(Waiting { unit, reply: None }).await;
        }
    }

    /// Takes no more units; those that wait are still committed.
    pub(super) fn close(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn sender(&self) -> Option<mpsc::Sender<Waiting>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// While one commit is on its way to the disk, the next one gathers. When several units came
/// together last time and few have come yet, a moment's patience saves most of a commit's work.
async fn run(store: Arc<Store>, queue: Arc<tokio::sync::Mutex<mpsc::Receiver<Waiting>>>) {
    let mut last = 0;
    loop {
        let mut batch = Vec::new();
        {
            let mut queue = queue.lock().await;
            if queue.recv_many(&mut batch, COMMIT_UNITS_MAX).await == 0 {
                return;
            }
            if last > 1 && batch.len() < PATIENT_BELOW_UNITS {
                tokio::time::sleep(PATIENCE).await;
                while batch.len() < COMMIT_UNITS_MAX
                    && let Ok(waiting) = queue.try_recv()
                {
                    batch.push(waiting);
                }
            }
        }
        last = batch.len();
        let (units, replies): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|waiting| (waiting.unit, waiting.reply)).unzip();
        metrics::histogram!("picomesh_commit_units").record(units.len() as f64);
        let started = std::time::Instant::now();
        let results: Vec<Result> = match store.commit(&units).await {
            Ok(committed) => committed.into_iter().map(Ok).collect(),
            Err(error) => {
                tracing::error!(%error, units = units.len(), "commit failed");
                let error = Arc::new(error);
                units.iter().map(|_| Err(error.clone())).collect()
            }
        };
        metrics::histogram!("picomesh_commit_seconds").record(started.elapsed().as_secs_f64());
        for (reply, result) in replies.into_iter().zip(results) {
            if let Some(reply) = reply {
                let _ = reply.send(result);
            }
        }
    }
}
