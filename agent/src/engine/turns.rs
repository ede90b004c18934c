//! Taking a mailbox's inputs through the pico: many turns, one commit.

use super::mailbox::{Ask, Input};
use super::resident::Resident;
use super::{Answer, Engine, EngineError, Happening};
use crate::store::Place;
use crate::store::{Committed, LeasedJob, Unit, Writes};
use picomesh_pico::{Change, Event, Outcome, PicoId};
use tokio::sync::oneshot;

/// Most turns of one pico in one commit.
const TURNS_PER_COMMIT_MAX: usize = 64;
/// Tries against a second process that commits turns of the same pico.
const CONFLICTS_MAX: usize = 8;
/// How long this process keeps a new job to itself, in milliseconds.
pub(super) const LEASE_MS: i64 = 15_000;

type Reply = oneshot::Sender<Result<Answer, EngineError>>;

/// A turn that is decided and not yet durable.
struct Decided {
    event: Event,
    keeps_jobs: bool,
    chain: Vec<PicoId>,
    outcome: Outcome,
    reply: Reply,
}

/// Takes a pico's inputs until its mailbox is empty.
pub(super) async fn drain(engine: Engine, pico: PicoId) {
    loop {
        let inputs = engine.inner.mailboxes.take(&pico, TURNS_PER_COMMIT_MAX);
        if inputs.is_empty() {
            return;
        }
        let resident = engine.take_resident(&pico);
        let Some(mut resident) = take_in(&engine, &pico, resident, inputs).await else { continue };
        resident.settle();
        // Kept before the mailbox is looked at again: whoever drains it next finds the state.
        engine.keep_resident(&pico, resident);
    }
}

/// Takes some inputs in; `None` afterwards when memory and store may differ.
async fn take_in(
    engine: &Engine,
    pico: &PicoId,
    mut left: Option<Resident>,
    inputs: Vec<Input>,
) -> Option<Resident> {
    let mut decided: Vec<Decided> = vec![];
    for input in inputs {
        let mut here = match at_hand(engine, pico, left.take()).await {
            Ok(here) => here,
            Err(error) => {
                refuse(input, error);
                continue;
            }
        };
        left = match input {
            Input::Event { event, keeps_jobs, chain, reply } => {
                match here.turn(engine, &event, &chain).await {
                    Ok(outcome) => {
                        if !outcome.changes.is_empty() {
                            here.state.apply(&outcome.changes);
                        }
                        decided.push(Decided { event, keeps_jobs, chain, outcome, reply });
                    }
                    Err(error) => drop(reply.send(Err(error))),
                }
                Some(here)
            }
            Input::Query(ask) => {
                let Ask { query, via, from, chain, reply } = ask;
                // A query sees what is durable: what was decided before it is committed first.
                let left = commit(engine, pico, here, &mut decided).await;
                match at_hand(engine, pico, left).await {
                    Ok(mut here) => {
                        let allowed = here
                            .check_query_policy(engine, via.as_ref(), from.as_ref(), &query)
                            .await;
                        let answer = match allowed {
                            Ok(()) => here.answer(engine, &query, via.as_ref(), &chain, true).await,
                            Err(error) => Err(error),
                        };
                        let (left, answer) = match answer {
                            Ok((value, changes)) if !changes.is_empty() => {
                                let (left, done) = commit_query(engine, pico, here, changes).await;
                                (left, done.map(|()| value))
                            }
                            Ok((value, _)) => (Some(here), Ok(value)),
                            Err(error) => (Some(here), Err(error)),
                        };
                        let _ = reply.send(answer);
                        left
                    }
                    Err(error) => {
                        let _ = reply.send(Err(error));
                        None
                    }
                }
            }
        };
    }
    commit(engine, pico, left?, &mut decided).await
}

/// The pico as it is in memory, or loaded.
async fn at_hand(
    engine: &Engine,
    pico: &PicoId,
    left: Option<Resident>,
) -> Result<Resident, EngineError> {
    match left {
        Some(here) => Ok(here),
        None => Resident::load(engine, pico).await,
    }
}

/// Makes decided turns durable and answers; `None` when the state in memory is void.
async fn commit(
    engine: &Engine,
    pico: &PicoId,
    here: Resident,
    decided: &mut Vec<Decided>,
) -> Option<Resident> {
    let decided = std::mem::take(decided);
    let turns = decided.iter().filter(|one| !one.outcome.changes.is_empty()).count() as i64;
    if turns == 0 {
        decided.into_iter().for_each(|one| durable(engine, pico, one));
        return Some(here);
    }
    let changes = decided.iter().flat_map(|one| &one.outcome.changes);
    let writes = to_writes(engine, pico, &here, changes);
    let fence = Some((pico.clone(), here.state.pico.version - turns, turns));
    match engine.inner.committer.commit(Unit { fence, writes }).await {
        Some(Ok(Committed::Done(gone))) => {
            let changes = decided.iter().flat_map(|one| &one.outcome.changes);
            engine.forget_dropped(pico, &gone, changes);
            decided.into_iter().for_each(|one| durable(engine, pico, one));
            Some(here)
        }
        Some(Ok(Committed::Conflict | Committed::Refused(_))) => {
            again_one_by_one(engine, pico, decided).await;
            None
        }
        Some(Err(error)) => {
            refuse_all(decided, &EngineError::Unavailable(error.to_string()));
            None
        }
        None => {
            refuse_all(decided, &EngineError::Stopping);
            None
        }
    }
}

/// Makes durable what a query did; it is answered only then.
async fn commit_query(
    engine: &Engine,
    pico: &PicoId,
    mut here: Resident,
    changes: Vec<Change>,
) -> (Option<Resident>, Result<(), EngineError>) {
    let writes = to_writes(engine, pico, &here, changes.iter());
    let fence = Some((pico.clone(), here.state.pico.version, 1));
    match engine.inner.committer.commit(Unit { fence, writes }).await {
        Some(Ok(Committed::Done(gone))) => {
            here.state.apply(&changes);
            engine.forget_dropped(pico, &gone, changes.iter());
            leased_jobs(pico, changes).into_iter().for_each(|job| engine.start_job(job));
            (Some(here), Ok(()))
        }
        Some(Ok(Committed::Conflict)) => (None, Err(EngineError::Busy)),
        Some(Ok(Committed::Refused(reason))) => (None, Err(EngineError::Refused(reason))),
        Some(Err(error)) => (None, Err(EngineError::Unavailable(error.to_string()))),
        None => (None, Err(EngineError::Stopping)),
    }
}

fn to_writes<'c>(
    engine: &Engine,
    pico: &PicoId,
    here: &Resident,
    changes: impl Iterator<Item = &'c Change>,
) -> Writes {
    let (store_key, now) = (engine.inner.store_key(), engine.inner.clock.now());
    let place = Place { pico, key: &here.key, store_key, now, lease: LEASE_MS };
    let mut writes = Writes::default();
    changes.for_each(|change| writes.change(&place, change));
    writes
}

/// Another process was faster, or one turn among them is refused: each gets its own commit.
async fn again_one_by_one(engine: &Engine, pico: &PicoId, decided: Vec<Decided>) {
    for Decided { event, keeps_jobs, chain, reply, .. } in decided {
        match again(engine, pico, &event, &chain).await {
            Ok(outcome) => {
                durable(engine, pico, Decided { event, keeps_jobs, chain, outcome, reply });
            }
            Err(error) => drop(reply.send(Err(error))),
        }
    }
}

async fn again(
    engine: &Engine,
    pico: &PicoId,
    event: &Event,
    chain: &[PicoId],
) -> Result<Outcome, EngineError> {
    for _ in 0..CONFLICTS_MAX {
        let mut here = Resident::load(engine, pico).await?;
        let outcome = here.turn(engine, event, chain).await?;
        if outcome.changes.is_empty() {
            return Ok(outcome);
        }
        let writes = to_writes(engine, pico, &here, outcome.changes.iter());
        let fence = Some((pico.clone(), here.state.pico.version, 1));
        match engine.inner.committer.commit(Unit { fence, writes }).await {
            Some(Ok(Committed::Done(gone))) => {
                engine.forget_dropped(pico, &gone, outcome.changes.iter());
                return Ok(outcome);
            }
            Some(Ok(Committed::Conflict)) => {}
            Some(Ok(Committed::Refused(reason))) => return Err(EngineError::Refused(reason)),
            Some(Err(error)) => return Err(EngineError::Unavailable(error.to_string())),
            None => return Err(EngineError::Stopping),
        }
    }
    Err(EngineError::Busy)
}

/// The turn is durable: start its jobs, answer, and tell those who listen.
fn durable(engine: &Engine, pico: &PicoId, decided: Decided) {
    let Decided { event, keeps_jobs, outcome, reply, .. } = decided;
    let Outcome { directives, changes, fault, fired, is_repeat } = outcome;
    if let Some(failed) = &fault {
        tracing::info!(%pico, domain = event.domain, name = event.name, rid = %failed.rid,
            rule = failed.rule, reason = %failed.fault, "a rule did not complete");
    }
    if engine.inner.feed.has_listeners() {
        engine.inner.feed.tell(Happening {
            pico: pico.clone(),
            event: event.id,
            domain: event.domain,
            name: event.name,
            at: engine.inner.clock.now(),
            fired,
            directives: directives.iter().map(|one| one.name.clone()).collect(),
            fault: fault.as_ref().map(|failed| failed.fault.to_string()),
        });
    }
    let mut jobs = leased_jobs(pico, changes);
    if !keeps_jobs {
        std::mem::take(&mut jobs).into_iter().for_each(|job| engine.start_job(job));
    }
    let _ = reply.send(Ok(Answer { directives, fault, fired, is_repeat, jobs }));
}

/// The jobs among the changes of a turn; their rows are leased to this process.
fn leased_jobs(pico: &PicoId, changes: Vec<Change>) -> Vec<LeasedJob> {
    let mut jobs = vec![];
    for change in changes {
        if let Change::Job(job) = change {
            let (pico, created_at) = (pico.clone(), job.due_at);
            jobs.push(LeasedJob { pico, job, attempts: 0, created_at });
        }
    }
    jobs
}

fn refuse(input: Input, error: EngineError) {
    match input {
        Input::Event { reply, .. } => drop(reply.send(Err(error))),
        Input::Query(ask) => drop(ask.reply.send(Err(error))),
    }
}

fn refuse_all(decided: Vec<Decided>, error: &EngineError) {
    for one in decided {
        let _ = one.reply.send(Err(error.clone()));
    }
}

impl Engine {
    /// Takes a pico's state out of memory, if it is there; nobody else works with it then.
    fn take_resident(&self, pico: &PicoId) -> Option<Resident> {
        let (_, slot) = self.inner.residents.remove(pico)?;
        slot.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
    }

    fn keep_resident(&self, pico: &PicoId, resident: Resident) {
        let slot = std::sync::Arc::new(std::sync::Mutex::new(Some(resident)));
        self.inner.residents.insert(pico.clone(), slot);
    }

    /// Forgets what is in memory about picos and channels that these changes dropped.
    fn forget_dropped<'c>(
        &self,
        pico: &PicoId,
        gone: &[PicoId],
        mut changes: impl Iterator<Item = &'c Change>,
    ) {
        let drops = |change: &Change| matches!(change, Change::Channel { channel: None, .. });
        if gone.is_empty() && !changes.any(drops) {
            return;
        }
        for gone in gone {
            self.inner.residents.remove(gone);
        }
        let stays = |owner: &PicoId| owner != pico && !gone.contains(owner);
        self.inner.by_eci.retain(|_, owner| stays(owner));
        self.inner.by_kid.retain(|_, (owner, _)| stays(owner));
        self.inner.by_verkey.retain(|_, (owner, _)| stays(owner));
    }
}
