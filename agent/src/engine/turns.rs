//! Taking a mailbox's inputs through the pico: many turns, one commit.

use super::mailbox::Input;
use super::resident::Resident;
use super::{Answer, Engine, EngineError, Happening};
use crate::store::Place;
use crate::store::{Committed, Unit, Writes};
use picomesh_pico::{Change, Event, Job, Outcome, PicoId};
use tokio::sync::oneshot;

/// Most turns of one pico in one commit.
const TURNS_PER_COMMIT_MAX: usize = 64;
/// Tries against a second process that commits turns of the same pico.
const CONFLICTS_MAX: usize = 8;
/// How long this process keeps a new job to itself, in milliseconds.
pub(super) const LEASE_MS: i64 = 30_000;

type Reply = oneshot::Sender<Result<Answer, EngineError>>;

/// A turn that is decided and not yet durable.
struct Decided {
    event: Event,
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
        let Some(mut resident) = take_in(&engine, &pico, resident, inputs).await else {
            continue;
        };
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
        let mut here = match left.take() {
            Some(here) => here,
            None => match Resident::load(engine, pico).await {
                Ok(here) => here,
                Err(error) => {
                    refuse(input, error);
                    continue;
                }
            },
        };
        match input {
            Input::Event { event, reply } => match here.turn(engine, &event).await {
                Ok(outcome) => {
                    if !outcome.changes.is_empty() {
                        here.state.apply(&outcome.changes);
                    }
                    decided.push(Decided {
                        event,
                        outcome,
                        reply,
                    });
                }
                Err(error) => {
                    let _ = reply.send(Err(error));
                }
            },
            Input::Query { query, via, reply } => {
                // A query sees what is durable: what was decided before it is committed first.
                let mut here = match commit(engine, pico, here, &mut decided).await {
                    Some(here) => here,
                    None => match Resident::load(engine, pico).await {
                        Ok(here) => here,
                        Err(error) => {
                            let _ = reply.send(Err(error));
                            continue;
                        }
                    },
                };
                let answer = answer(engine, &mut here, &query, via.as_ref()).await;
                let _ = reply.send(answer);
                left = Some(here);
                continue;
            }
        }
        left = Some(here);
    }
    match left {
        Some(here) => commit(engine, pico, here, &mut decided).await,
        None => None,
    }
}

async fn answer(
    engine: &Engine,
    here: &mut Resident,
    query: &picomesh_pico::Query,
    via: Option<&picomesh_pico::Eci>,
) -> Result<serde_json::Value, EngineError> {
    if let Some(eci) = via {
        let channel = here.channel(engine, eci).await?;
        channel
            .query_policy
            .check(query.rid.as_str(), &query.name)?;
    }
    here.query(engine, query).await
}

/// Makes decided turns durable and answers; `None` when the state in memory is void.
async fn commit(
    engine: &Engine,
    pico: &PicoId,
    here: Resident,
    decided: &mut Vec<Decided>,
) -> Option<Resident> {
    let decided = std::mem::take(decided);
    let turns = decided
        .iter()
        .filter(|one| !one.outcome.changes.is_empty())
        .count();
    if turns == 0 {
        decided
            .into_iter()
            .for_each(|one| answered(engine, pico, one));
        return Some(here);
    }
    let now = engine.inner.clock.now();
    let place = Place {
        pico,
        key: &here.key,
        store_key: engine.inner.store_key(),
        now,
        lease: LEASE_MS,
    };
    let mut writes = Writes::default();
    for change in decided.iter().flat_map(|one| &one.outcome.changes) {
        writes.change(&place, change);
    }
    let turns = turns as i64;
    let fence = Some((pico.clone(), here.state.pico.version - turns, turns));
    match engine.inner.committer.commit(Unit { fence, writes }).await {
        Some(Ok(Committed::Done(gone))) => {
            let drops_channel =
                |change: &Change| matches!(change, Change::Channel { channel: None, .. });
            let drops = decided
                .iter()
                .flat_map(|one| &one.outcome.changes)
                .any(drops_channel);
            if drops || !gone.is_empty() {
                engine.forget(&gone);
            }
            let jobs: Vec<Job> = decided.iter().flat_map(jobs_of).cloned().collect();
            engine.dispatch(pico, jobs);
            decided
                .into_iter()
                .for_each(|one| answered(engine, pico, one));
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

fn jobs_of(decided: &Decided) -> impl Iterator<Item = &Job> {
    decided
        .outcome
        .changes
        .iter()
        .filter_map(|change| match change {
            Change::Job(job) => Some(job),
            _ => None,
        })
}

/// Another process was faster, or one turn among them is refused: each gets its own commit.
async fn again_one_by_one(engine: &Engine, pico: &PicoId, decided: Vec<Decided>) {
    for Decided { event, reply, .. } in decided {
        match again(engine, pico, &event).await {
            Ok(outcome) => answered(
                engine,
                pico,
                Decided {
                    event,
                    outcome,
                    reply,
                },
            ),
            Err(error) => {
                let _ = reply.send(Err(error));
            }
        }
    }
}

async fn again(engine: &Engine, pico: &PicoId, event: &Event) -> Result<Outcome, EngineError> {
    for _ in 0..CONFLICTS_MAX {
        let mut here = Resident::load(engine, pico).await?;
        let outcome = here.turn(engine, event).await?;
        if outcome.changes.is_empty() {
            return Ok(outcome);
        }
        let (store_key, now) = (engine.inner.store_key(), engine.inner.clock.now());
        let place = Place {
            pico,
            key: &here.key,
            store_key,
            now,
            lease: LEASE_MS,
        };
        let mut writes = Writes::default();
        outcome
            .changes
            .iter()
            .for_each(|change| writes.change(&place, change));
        let fence = Some((pico.clone(), here.state.pico.version, 1));
        match engine.inner.committer.commit(Unit { fence, writes }).await {
            Some(Ok(Committed::Done(gone))) => {
                engine.forget(&gone);
                let jobs = outcome.changes.iter().filter_map(|change| match change {
                    Change::Job(job) => Some(job.clone()),
                    _ => None,
                });
                engine.dispatch(pico, jobs.collect());
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

/// The turn is durable: answer, and tell those who listen.
fn answered(engine: &Engine, pico: &PicoId, decided: Decided) {
    let Decided {
        event,
        outcome,
        reply,
    } = decided;
    let Outcome {
        directives,
        fault,
        fired,
        is_repeat,
        ..
    } = outcome;
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
    let _ = reply.send(Ok(Answer {
        directives,
        fault,
        fired,
        is_repeat,
    }));
}

fn refuse(input: Input, error: EngineError) {
    match input {
        Input::Event { reply, .. } => {
            let _ = reply.send(Err(error));
        }
        Input::Query { reply, .. } => {
            let _ = reply.send(Err(error));
        }
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
        slot.lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take()
    }

    fn keep_resident(&self, pico: &PicoId, resident: Resident) {
        let slot = std::sync::Arc::new(std::sync::Mutex::new(Some(resident)));
        self.inner.residents.insert(pico.clone(), slot);
    }
}
