//! What turns want from outside while they run: other picos, web servers, rulesets.
//!
//! The pico waits, no thread does. While it waits, whoever asks it something is answered from
//! what is durable ([`Waits`]), so that picos that ask each other do not stand still; a pico
//! that asks itself by way of others is refused.

use super::mailbox::{Ask, Input};
use super::resident::Resident;
use super::{Engine, EngineError};
use picomesh_pico::{Eci, Event, Outside, Pico, PicoId, Query};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Longest chain of picos that wait for one another.
const CHAIN_MAX: usize = 32;

/// What an outward call comes to; an error is the text that the program sees.
pub type Answered<'a> = Pin<Box<dyn Future<Output = Result<Value, String>> + Send + 'a>>;

/// As [`Answered`]; `None` for nothing at all, which a query can come to.
type AnsweredOrNot<'a> = Pin<Box<dyn Future<Output = Result<Option<Value>, String>> + Send + 'a>>;

/// Performs one kind of work that turns want from outside.
pub trait Outward: Send + Sync {
    /// Performs it for a pico. It cannot be taken back if the turn fails afterwards.
    fn perform<'a>(&'a self, engine: &'a Engine, pico: &'a Pico, body: Value) -> Answered<'a>;
}

/// The outward work by its kind.
#[derive(Default)]
pub struct Outwards(HashMap<&'static str, Box<dyn Outward>>);

impl Outwards {
    /// Adds the work of a kind.
    #[must_use]
    pub fn with(mut self, kind: &'static str, work: impl Outward + 'static) -> Self {
        self.0.insert(kind, Box::new(work));
        self
    }
}

/// The picos that wait for something outside, and for which pico, if it is one.
#[derive(Default)]
pub(super) struct Waits(Mutex<HashMap<PicoId, Option<PicoId>>>);

impl Waits {
    fn lock(&self) -> MutexGuard<'_, HashMap<PicoId, Option<PicoId>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The pico waits from here on until the guard is dropped. `None` when the pico that it
    /// would wait for waits for it in turn.
    fn enter(&self, pico: &PicoId, target: Option<&PicoId>) -> Option<Waiting<'_>> {
        let mut waits = self.lock();
        let mut next = target;
        while let Some(at) = next {
            if at == pico {
                return None;
            }
            next = waits.get(at).and_then(Option::as_ref);
        }
        waits.insert(pico.clone(), target.cloned());
        Some(Waiting { waits: self, pico: pico.clone() })
    }

    /// Whether a pico waits for something outside.
    pub(super) fn is_waiting(&self, pico: &PicoId) -> bool {
        self.lock().contains_key(pico)
    }
}

struct Waiting<'w> {
    waits: &'w Waits,
    pico: PicoId,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.waits.lock().remove(&self.pico);
    }
}

impl Engine {
    /// Performs what a turn or a query of `pico` wants; `chain` are the picos that wait for it.
    pub(super) fn outside<'a>(
        &'a self,
        pico: &'a Pico,
        chain: &'a [PicoId],
        call: Outside,
    ) -> AnsweredOrNot<'a> {
        Box::pin(async move {
            let answer = match call {
                Outside::Query { eci, query } => {
                    return self.ask_other(pico, chain, &eci, query).await;
                }
                Outside::Event { eci, event } => self.tell_other(pico, chain, &eci, *event).await,
                Outside::Http { method, args } => {
                    let body = json!({ "method": method, "args": args });
                    self.work(pico, "http", body).await
                }
                Outside::Ruleset { url, is_fresh } => {
                    let _waiting = self.inner.waits.enter(&pico.id, None);
                    self.inner.library.bring(&url, is_fresh).await.map(|version| version.about())
                }
                Outside::Work { kind, body } if kind == "ruleset_meta" => {
                    Ok(self.ruleset_metas(pico, &body).await)
                }
                Outside::Work { kind, body } => self.work(pico, &kind, body).await,
            };
            answer.map(Some)
        })
    }

    /// What is known of the rulesets at some URLs, by these; those that are gone are left out.
    async fn ruleset_metas(&self, pico: &Pico, body: &Value) -> Value {
        let _waiting = self.inner.waits.enter(&pico.id, None);
        let mut metas = serde_json::Map::new();
        for url in body["urls"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if let Ok(Some(version)) = self.inner.library.version(&url.into()).await {
                metas.insert(url.to_owned(), version.meta());
            }
        }
        Value::Object(metas)
    }

    async fn work(&self, pico: &Pico, kind: &str, body: Value) -> Result<Value, String> {
        let work = self.inner.outwards.0.get(kind);
        let work = work.ok_or_else(|| format!("Error: this engine cannot do {kind}"))?;
        let _waiting = self.inner.waits.enter(&pico.id, None);
        work.perform(self, pico, body).await
    }

    async fn ask_other(
        &self,
        pico: &Pico,
        chain: &[PicoId],
        eci: &str,
        query: Query,
    ) -> Result<Option<Value>, String> {
        let (eci, target) = self.other(eci).await?;
        let chain = lengthen(chain, &pico.id, &target)?;
        let _waiting = self.inner.waits.enter(&pico.id, None);
        let (reply, answer) = oneshot::channel();
        let ask = Ask { query, via: Some(eci), from: Some(pico.id.clone()), chain, reply };
        match self.inner.waits.is_waiting(&target) {
            true => self.ask_beside(target, ask),
            false => self.put(&target, Input::Query(ask)).map_err(|error| error.as_thrown())?,
        }
        let answer = answer.await.unwrap_or(Err(EngineError::Stopping));
        answer.map_err(|error| error.as_thrown())
    }

    async fn tell_other(
        &self,
        pico: &Pico,
        chain: &[PicoId],
        eci: &str,
        event: Event,
    ) -> Result<Value, String> {
        let (eci, target) = self.other(eci).await?;
        let chain = lengthen(chain, &pico.id, &target)?;
        let Some(_waiting) = self.inner.waits.enter(&pico.id, Some(&target)) else {
            return Err(cycle(&chain, &target));
        };
        let (reply, answer) = oneshot::channel();
        let event = Event { eci: Some(eci), ..event };
        let id = event.id.clone();
        self.put(&target, Input::Event { event, keeps_jobs: false, chain, reply })
            .map_err(|error| error.as_thrown())?;
        let answer = answer.await.unwrap_or(Err(EngineError::Stopping));
        let answer = answer.map_err(|error| error.as_thrown())?;
        match answer.fault {
            Some(failed) => Err(super::error::thrown(&failed.fault)),
            None => Ok(id.into()),
        }
    }

    async fn other(&self, eci: &str) -> Result<(Eci, PicoId), String> {
        let missing = || format!("Error: ECI not found {eci}");
        let eci = Eci::parse(eci).map_err(|_| missing())?;
        let target = self.pico_by_eci(&eci).await.map_err(|error| error.as_thrown())?;
        Ok((eci, target))
    }

    /// Answers a query from what is durable, beside whatever the pico is doing.
    pub(super) fn ask_beside(&self, target: PicoId, ask: Ask) {
        let engine = self.clone();
        tokio::spawn(async move {
            let Ask { query, via, from, chain, reply } = ask;
            let answer = async {
                let mut here = Resident::load(&engine, &target).await?;
                here.check_query_policy(&engine, via.as_ref(), from.as_ref(), &query).await?;
                here.query(&engine, &query, via.as_ref(), &chain).await
            };
            // Whoever asked may have gone away.
            let _ = reply.send(answer.await);
        });
    }
}

/// The chain with one more pico, unless it closes.
fn lengthen(chain: &[PicoId], pico: &PicoId, target: &PicoId) -> Result<Vec<PicoId>, String> {
    let chain: Vec<PicoId> = chain.iter().chain([pico]).cloned().collect();
    if chain.contains(target) {
        return Err(cycle(&chain, target));
    }
    match chain.len() {
        length if length > CHAIN_MAX => Err("Error: limit CHAIN_MAX reached".into()),
        _ => Ok(chain),
    }
}

fn cycle(chain: &[PicoId], target: &PicoId) -> String {
    let path: Vec<&str> = chain.iter().chain([target]).map(PicoId::as_str).collect();
    format!("Error: picos wait for one another: {}", path.join(" -> "))
}
