//! The door for messages to `…/dido/didcommv2_message`.
//!
//! A query is answered beside the turns of the pico; everything else becomes the event
//! `dido:didcommv2_message`, whose rule opens the message again within the turn, so that what it
//! says and what it does is one commit.

use super::keys::{Keys, own_kid};
use super::open::Opened;
use super::outward::Peers;
use super::query::{self, Asked, DOOR};
use super::{ANSWER, NOT_TAKEN, QUERY, seal};
use crate::engine::{Engine, thrown};
use picomesh_didcomm::envelope::{self, Envelope};
use picomesh_pico::{Directive, Eci, Entropy, Event, Origin, PicoId, Query, Rid};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// Takes messages in.
#[derive(Clone)]
pub struct Inbound {
    engine: Engine,
    peers: Peers,
}

/// What became of a message that was taken.
#[derive(Debug)]
pub enum Taken {
    /// It was an event: the answer of `/sky/event`.
    Directives {
        /// The id of the event.
        eid: String,
        /// What the rules tell the sender.
        directives: Vec<Directive>,
    },
    /// The answer is a message too.
    Envelope {
        /// The envelope.
        body: Vec<u8>,
        /// Its media type.
        media_type: &'static str,
    },
    /// It is for no DID of `dido`: the connections of the pico may know what to do with it.
    NotOurs,
}

impl Inbound {
    /// A door to the picos of an engine.
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        Self { engine, peers: Peers::new() }
    }

    /// Takes a message that came by a channel.
    ///
    /// # Errors
    /// The text for its sender. Nothing happened then.
    pub async fn take(&self, eci: &Eci, body: &[u8]) -> Result<Taken, String> {
        let pico = self.engine.pico_by_eci(eci).await.map_err(|error| error.as_thrown())?;
        let envelope = match envelope::parse(body) {
            Ok(Envelope::V2(envelope)) => envelope,
            Ok(_) | Err(_) => return Ok(Taken::NotOurs),
        };
        let mut is_ours = false;
        for kid in envelope.recipients() {
            let own = self.engine.secret_by_kid(&own_kid(kid)).await;
            let own = own.map_err(|error| error.as_thrown())?;
            is_ours |= own.is_some_and(|(owner, _)| owner == pico);
        }
        if !is_ours {
            return Ok(Taken::NotOurs);
        }
        let packed: Map<String, Value> =
            serde_json::from_slice(body).map_err(|_| NOT_TAKEN.to_owned())?;
        let opened = self.peers.open(&self.engine, &pico, &envelope, &packed).await;
        if let Some(opened) = &opened
            && opened.kind() == QUERY
            && let Some(taken) = self.query(&pico, opened).await?
        {
            return Ok(taken);
        }
        self.event(eci, packed, opened.as_ref()).await
    }

    /// Answers a query; `None` when it must go through a turn.
    async fn query(&self, pico: &PicoId, opened: &Opened) -> Result<Option<Taken>, String> {
        let asked = Asked::read(opened);
        let args = json!({
            "sender": opened.sender, "mine": opened.mine, "rid": asked.rid, "name": asked.name,
            "rotates": opened.prior.is_some(),
        });
        let Value::Object(args) = args else { return Ok(None) };
        let admit = Query { rid: Rid::literal(DOOR), name: "admit".into(), args };
        let admitted = self.engine.query(pico, admit).await;
        match admitted.map_err(|error| error.as_thrown())?.as_str() {
            Some("yes") => {}
            Some("turn") => return Ok(None),
            Some(_) | None => return Err(NOT_TAKEN.into()),
        }
        let answer = query::answer(&self.engine, pico, asked).await;
        let wants_message = matches!(opened.text("return_route"), Some("all" | "thread"));
        if wants_message && let Some(taken) = self.sealed(pico, opened, &answer).await {
            return Ok(Some(taken));
        }
        // Those that count as false were no answer in pico-engine.
        let directive = Directive {
            name: "response".into(),
            options: answer,
            rid: Rid::literal(super::DID_O),
            rule: "route_message".into(),
        };
        let directives = match picomesh_pico::operations::truthy(&directive.options) {
            true => vec![directive],
            false => vec![],
        };
        Ok(Some(Taken::Directives { eid: self.fresh_id(), directives }))
    }

    /// The answer as a message to whoever asked.
    async fn sealed(&self, pico: &PicoId, opened: &Opened, answer: &Value) -> Option<Taken> {
        let (mine, theirs) = (opened.mine.as_deref()?, opened.sender.as_deref()?);
        let keys = Keys::find(&self.engine, pico, mine).await.ok()??;
        let to = self.peers.named(theirs)?;
        let message = json!({
            "id": self.fresh_id(),
            "typ": "application/didcomm-plain+json",
            "type": ANSWER,
            "body": { "result": answer },
            "from": keys.did(),
            "to": [theirs],
            "thid": opened.text("id")?,
            "created_time": self.engine.clock().now() / 1000,
        });
        let Value::Object(message) = message else { return None };
        let body = seal::seal(&message, &keys, &to).ok()?;
        Some(Taken::Envelope { body, media_type: "application/didcomm-encrypted+json" })
    }

    async fn event(
        &self,
        eci: &Eci,
        packed: Map<String, Value>,
        opened: Option<&Opened>,
    ) -> Result<Taken, String> {
        let id = self.fresh_id();
        let event = Event {
            id: id.clone(),
            domain: "dido".into(),
            name: "didcommv2_message".into(),
            attrs: packed,
            origin: Origin::Channel,
            eci: None,
            once: opened.and_then(once),
            for_rid: None,
            at: None,
        };
        let answer = self.engine.channel_event(eci, event).await;
        let answer = answer.map_err(|error| error.as_thrown())?;
        match answer.fault {
            Some(failed) => Err(thrown(&failed.fault)),
            None => Ok(Taken::Directives { eid: id, directives: answer.directives }),
        }
    }

    fn fresh_id(&self) -> String {
        Entropy::new(Engine::seed()).ordered_id(self.engine.clock().now())
    }
}

/// A message that comes again does nothing: the hash of its sender, of ours and of its id.
fn once(opened: &Opened) -> Option<[u8; 32]> {
    let parts = [opened.sender.as_deref()?, opened.mine.as_deref()?, opened.text("id")?];
    let mut hash = Sha256::new();
    hash.update(b"dido");
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Some(hash.finalize().into())
}
