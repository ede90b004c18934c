//! An envelope becomes an event: find the key, open, bind, address, hand over.
//!
//! Steps 2 and 3 of the walk of a message. When [`Receiver::receive`] returns `Ok`, the
//! message's effects are on disk, or it was one that must have none.
//!
//! Absent on purpose: any change of state; that is the turn's.

use crate::delivery::{Packed, Packer};
use crate::engine::{Engine, EngineError};
use crate::resolver::Resolver;
use crate::rulesets::connection::canonical;
use crate::rulesets::discover_features::is_of_unknown_major;
use crate::rulesets::wire::{Arrival, Delivery};
use crate::store::LeasedJob;
use picomesh_did_resolver::DidDocument;
use picomesh_didcomm::bind::{self, Proof, Refusal, Sender};
use picomesh_didcomm::envelope::{self, Envelope, v1, v2};
use picomesh_didcomm::{Message, ReturnRoute, Version, json};
use picomesh_pico::{Event, Origin, OwnSecret, PicoId, SecretKind};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Forwards to ourselves inside one another that are followed.
const FORWARD_HOPS_MAX: usize = 8;

/// Why an envelope was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// Not an envelope, or not one that we take.
    #[error(transparent)]
    Envelope(#[from] picomesh_didcomm::Error),
    /// Opened, but not what it claims to be; the peer is told no more than that.
    #[error("{0}")]
    Refused(Refusal),
    /// The engine did not take it; the sender may try again.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Takes envelopes in.
#[derive(Clone)]
pub struct Receiver {
    engine: Engine,
    resolver: Resolver,
    packer: Packer,
}

/// A plaintext with what its envelope proved, and whom it reached.
struct Opened {
    plaintext: Vec<u8>,
    proof: Proof,
    pico: PicoId,
    my_did: String,
}

impl Receiver {
    /// A receiver for the picos of an engine.
    pub fn new(engine: Engine, resolver: Resolver) -> Self {
        let packer = Packer::new(resolver.clone());
        Self { engine, resolver, packer }
    }

    /// Takes an envelope in. `Ok` means that its effects are on disk; the envelope in it is the
    /// answer that the sender asked to have back on its own connection (RFC 0092).
    pub async fn receive(&self, bytes: &[u8]) -> Result<Option<Packed>, ReceiveError> {
        let mut envelope = envelope::parse(bytes)?;
        for _ in 0..FORWARD_HOPS_MAX {
            let opened = self.open(&envelope).await?;
            let message = match Message::parse(&opened.plaintext) {
                Ok(message) => message,
                Err(error) => return self.unreadable(opened, error).await,
            };
            match forwarded(&message)? {
                Some(inner) => envelope = inner,
                None => return self.hand_over(opened, message).await,
            }
        }
        Err(picomesh_didcomm::Error::Undecryptable.into())
    }

    async fn open(&self, envelope: &Envelope) -> Result<Opened, ReceiveError> {
        let undecryptable = || ReceiveError::from(picomesh_didcomm::Error::Undecryptable);
        let mut found = None;
        for kid in envelope.recipients() {
            let stored = canonical_kid(kid);
            if let Some((pico, secret)) = self.engine.secret_by_kid(&stored).await? {
                found = Some((kid, pico, secret));
                break;
            }
        }
        let (kid, pico, secret) = found.ok_or_else(undecryptable)?;
        let my_did = secret.did.clone();
        let (plaintext, proof) = match envelope {
            Envelope::V1(envelope) => {
                let key = self.engine.signing_key(kid).await?.ok_or_else(undecryptable)?;
                let opened = v1::open_with(envelope, kid, &key, self.engine.agreements())?;
                let proof = Proof::from(&opened);
                (opened.plaintext, proof)
            }
            Envelope::V2(envelope) => {
                let opened = self.open_v2(envelope, kid, &secret).await?;
                let proof = Proof::from(&opened);
                (opened.plaintext, proof)
            }
            // A signature or a plaintext proves no sender to us: it never acts.
            Envelope::Signed(_) | Envelope::Plain(_) => return Err(undecryptable()),
            _ => return Err(undecryptable()),
        };
        Ok(Opened { plaintext, proof, pico, my_did })
    }

    async fn open_v2(
        &self,
        envelope: &v2::Envelope,
        kid: &str,
        secret: &OwnSecret,
    ) -> Result<v2::Opened, ReceiveError> {
        if secret.kind != SecretKind::X25519 {
            return Err(picomesh_didcomm::Error::Undecryptable.into());
        }
        let key = v2::SecretKey::X25519(*secret.bytes);
        let secrets = [v2::Secret { kid: kid.to_owned(), key }];
        let mut documents: Vec<Arc<DidDocument>> = vec![];
        if let Some(sender) = envelope.sender_kid() {
            documents.push(self.document(sender).await?);
        }
        loop {
            let given: Vec<&DidDocument> = documents.iter().map(|document| &**document).collect();
            match v2::open(envelope, &secrets, &given) {
                // A layer inside names another key: bring its document and open again.
                Err(picomesh_didcomm::Error::Unresolved(did_url))
                    if documents.len() < envelope::LAYERS_MAX =>
                {
                    documents.push(self.document(&did_url).await?);
                }
                other => return Ok(other?),
            }
        }
    }

    async fn document(&self, did_url: &str) -> Result<Arc<DidDocument>, ReceiveError> {
        let did = did_url.split('#').next().unwrap_or(did_url);
        let resolved = self.resolver.resolve(did).await;
        resolved.map_err(|_| picomesh_didcomm::Error::Undecryptable.into())
    }

    async fn hand_over(
        &self,
        opened: Opened,
        message: Message,
    ) -> Result<Option<Packed>, ReceiveError> {
        let Opened { proof, pico, my_did, .. } = opened;
        let now = u64::try_from(self.engine.clock().now() / 1000).unwrap_or(0);
        let my_v2_did = (message.version == Version::V2).then_some(my_did.as_str());
        if let Err(refusal) = bind::bind(&message, &proof, my_v2_did, None, now) {
            return match (refusal.problem_code(), &proof.sender) {
                (Some(code), Some(_)) => {
                    tracing::info!(reason = %refusal, "a message was refused");
                    let told = refused(&message, &proof, &my_did, code, &refusal.to_string());
                    self.engine.event(&pico, told).await?;
                    Ok(None)
                }
                (Some(_) | None, _) => Err(ReceiveError::Refused(refusal)),
            };
        }
        if is_of_unknown_major(&message.kind) {
            let (domain, name, origin) = ("didcomm".into(), "unsupported".into(), Origin::Engine);
            let told = Event { domain, name, origin, ..about(&message, &proof, &my_did) };
            self.engine.event(&pico, told).await?;
            return Ok(None);
        }
        let event = Event {
            domain: format!("didcomm_{}", message.kind.protocol.replace('-', "_")),
            name: message.kind.name.replace('-', "_"),
            origin: Origin::Peer,
            ..about(&message, &proof, &my_did)
        };
        if !wants_answer_here(&message) {
            self.engine.event(&pico, event).await?;
            return Ok(None);
        }
        let answer = self.engine.event_keeping_jobs(&pico, event).await?;
        Ok(self.answer_here(&message, answer.jobs).await)
    }

    /// Tells the pico of a message that cannot be read, so that it can tell the sender: if the
    /// sender is proven, and the message has an id to which a report can refer.
    async fn unreadable(
        &self,
        opened: Opened,
        error: picomesh_didcomm::Error,
    ) -> Result<Option<Packed>, ReceiveError> {
        let Opened { plaintext, proof, pico, my_did } = opened;
        let code = match proof.version {
            Version::V1 => error.report_code(),
            Version::V2 => error.problem_code(),
        };
        let (Some(code), Some(_), Some(message)) =
            (code, &proof.sender, remains(&plaintext, proof.version))
        else {
            return Err(error.into());
        };
        tracing::info!(reason = %error, "a message could not be read");
        let told = refused(&message, &proof, &my_did, code, &error.to_string());
        self.engine.event(&pico, told).await?;
        Ok(None)
    }

    /// Packs the first answer to a message; the other jobs of the turn start as usual.
    async fn answer_here(&self, message: &Message, jobs: Vec<LeasedJob>) -> Option<Packed> {
        let mut answer = None;
        for job in jobs {
            if answer.is_none()
                && let Some(delivery) = answering(&job, message.thread_id())
                && let Ok(packed) =
                    self.packer.pack(&self.engine, &delivery.message, &delivery.to).await
            {
                answer = Some(packed);
                self.engine.job_done(&job).await;
            } else {
                self.engine.start_job(job);
            }
        }
        answer
    }
}

/// What a message and its envelope say, as the event that [`Inbound`] reads.
///
/// [`Inbound`]: crate::rulesets::wire::Inbound
fn about(message: &Message, proof: &Proof, my_did: &str) -> Event {
    let sender = proof.sender.as_ref().map(sender_text);
    let once = once(sender.as_deref(), my_did, &message.id);
    let arrival = Arrival {
        message: message.to_fields(),
        my_did: my_did.to_owned(),
        recipient_kid: proof.recipient_kid.clone().unwrap_or_default(),
        sender,
    };
    Event {
        id: message.id.clone(),
        domain: "didcomm".to_owned(),
        name: String::new(),
        attrs: to_attrs(&arrival),
        origin: Origin::Engine,
        eci: None,
        once: Some(once),
        for_rid: None,
        at: None,
    }
}

/// The event of a message that does not act; its sender may be told why.
fn refused(message: &Message, proof: &Proof, my_did: &str, code: &str, reason: &str) -> Event {
    let mut event = about(message, proof, my_did);
    event.name = "refused".to_owned();
    // Told once; but the id is not used up, should the message come again and be good then.
    event.once = event.once.map(|hash| Sha256::digest([&b"refused"[..], &hash].concat()).into());
    event.attrs.insert("code".to_owned(), code.into());
    event.attrs.insert("reason".to_owned(), reason.into());
    event
}

/// What a report needs to know of a message that cannot be read: its id and its type.
fn remains(plaintext: &[u8], version: Version) -> Option<Message> {
    let fields = json::parse_object(plaintext, json::JSON_DEPTH_MAX).ok()?;
    let names = match version {
        Version::V1 => ["@id", "@type"],
        Version::V2 => ["id", "type"],
    };
    let kept = names.map(|name| Some((name.to_owned(), fields.get(name)?.clone())));
    let kept: Option<Map<String, Value>> = kept.into_iter().collect();
    Message::from_fields(kept?).ok()
}

/// RFC 0092: `all`, and `thread` when it is the thread of this message.
fn wants_answer_here(message: &Message) -> bool {
    match &message.return_route {
        Some(ReturnRoute::All | ReturnRoute::Thread(None)) => true,
        Some(ReturnRoute::Thread(Some(thid))) => thid == message.thread_id(),
        Some(ReturnRoute::None) | None => false,
    }
}

/// The delivery of a job that answers this thread.
fn answering(job: &LeasedJob, thid: &str) -> Option<Delivery> {
    if job.job.kind != "deliver" {
        return None;
    }
    let delivery: Delivery = serde_json::from_value(job.job.body.clone()).ok()?;
    (delivery.answers.as_deref() == Some(thid)).then_some(delivery)
}

/// `SHA-256(sender, my DID, message id)`: a stranger cannot use up somebody else's message id.
fn once(sender: Option<&str>, my_did: &str, id: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [&canonical(sender.unwrap_or("")), my_did, id] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

fn sender_text(sender: &Sender) -> String {
    match sender {
        Sender::Verkey(verkey) => bs58::encode(verkey).into_string(),
        Sender::Did { did, .. } => did.clone(),
    }
}

/// Keys are stored under the short form of a did:peer:4.
fn canonical_kid(kid: &str) -> String {
    match kid.split_once('#') {
        Some((did, fragment)) => format!("{}#{fragment}", canonical(did)),
        None => kid.to_owned(),
    }
}

/// The envelope inside a forward; `None` for any other message.
///
/// We are no mediator: a forward is followed when it leads to a key of ours, and ends as
/// undecryptable otherwise.
fn forwarded(message: &Message) -> Result<Option<Envelope>, picomesh_didcomm::Error> {
    if message.kind.protocol != "routing" || message.kind.name != "forward" {
        return Ok(None);
    }
    let inner = match message.version {
        Version::V1 => message.body.get("msg").map(|inner| inner.to_string().into_bytes()),
        Version::V2 => match message.attachments.first() {
            Some(attachment) => Some(attachment.content()?),
            None => None,
        },
    };
    let inner = inner.ok_or(picomesh_didcomm::Error::Undecryptable)?;
    envelope::parse(&inner).map(Some)
}

fn to_attrs(arrival: &Arrival) -> Map<String, Value> {
    match serde_json::to_value(arrival) {
        Ok(Value::Object(attrs)) => attrs,
        _ => Map::new(),
    }
}
