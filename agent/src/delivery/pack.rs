//! Packing a message for its recipient: envelopes v1 and v2, with a forward for each mediator.

use crate::engine::{Engine, EngineError};
use crate::resolver::Resolver;
use crate::rulesets::connection::Route;
use crate::rulesets::wire::Destination;
use picomesh_did_resolver::{DidDocument, PublicKey, method::key::naked_key};
use picomesh_didcomm::envelope::v2::{DidcommCrate, Pack};
use picomesh_didcomm::envelope::{v1, v2};
use rand_core::{OsRng, RngCore};
use serde_json::{Map, Value};
use url::Url;

/// A packed message and where it goes.
pub struct Packed {
    /// The envelope.
    pub envelope: Vec<u8>,
    /// The URL.
    pub endpoint: Url,
    /// Its media type.
    pub media_type: &'static str,
}

/// Why a message cannot be packed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// The recipient's keys, service or endpoint are not usable.
    #[error("recipient: {0}")]
    Recipient(String),
    /// The recipient's DID does not resolve now.
    #[error("recipient's DID: {0}")]
    Resolve(#[from] picomesh_did_resolver::Error),
    /// Our own key is gone: the channel was deleted.
    #[error("the sending key {0} is gone")]
    Sender(String),
    /// Packing failed.
    #[error("envelope: {0}")]
    Envelope(#[from] picomesh_didcomm::Error),
    /// The store is away.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Packs messages.
#[derive(Clone)]
pub struct Packer {
    resolver: Resolver,
}

impl Packer {
    /// A packer that resolves recipients with this resolver.
    pub fn new(resolver: Resolver) -> Self {
        Self { resolver }
    }

    /// Packs a message for its destination.
    pub async fn pack(
        &self,
        engine: &Engine,
        message: &Map<String, Value>,
        to: &Destination,
    ) -> Result<Packed, PackError> {
        let plaintext = Value::Object(message.clone()).to_string().into_bytes();
        match to {
            Destination::V1 { from, route } => {
                pack_v1(engine, &plaintext, from.as_deref(), route).await
            }
            Destination::V2 { from, to } => {
                self.pack_v2(engine, &plaintext, from.as_deref(), to).await
            }
        }
    }

    async fn pack_v2(
        &self,
        engine: &Engine,
        plaintext: &[u8],
        from: Option<&str>,
        to: &str,
    ) -> Result<Packed, PackError> {
        let recipient = self.resolver.resolve(to).await?;
        let mut envelope = match from {
            Some(from) => {
                let document = self.resolver.resolve(from).await?;
                let secret = agreement_secret(engine, &document).await?;
                let sender = (&*document, &secret);
                DidcommCrate.authcrypt(plaintext, sender, &recipient, None, false)?
            }
            None => DidcommCrate.anoncrypt(plaintext, &recipient, None, v2::Enc::A256CbcHs512)?,
        };
        let service = recipient.didcomm_v2_service();
        let service =
            service.ok_or_else(|| PackError::Recipient("no DIDComm v2 service".into()))?;
        let mut next = to.to_owned();
        for hop in service.routing_keys.iter().rev() {
            let mediator = self.resolver.resolve(did_of(hop)).await?;
            let forward = v2::forward(&next, &envelope, &message_id(), did_of(hop))?;
            let kid = hop.contains('#').then_some(hop.as_str());
            let enc = v2::Enc::A256CbcHs512;
            envelope = DidcommCrate.anoncrypt(&forward, &mediator, kid, enc)?;
            next = hop.clone();
        }
        let endpoint = self.endpoint_v2(&service.endpoint).await?;
        Ok(Packed { envelope, endpoint, media_type: "application/didcomm-encrypted+json" })
    }

    /// DIDComm v2 §Using a DID as an endpoint: a mediator's DID may stand for its URL.
    async fn endpoint_v2(&self, endpoint: &str) -> Result<Url, PackError> {
        if !endpoint.starts_with("did:") {
            return url(endpoint);
        }
        let mediator = self.resolver.resolve(endpoint).await?;
        let service = mediator.didcomm_v2_service();
        let service =
            service.ok_or_else(|| PackError::Recipient("mediator has no service".into()))?;
        url(&service.endpoint)
    }
}

async fn pack_v1(
    engine: &Engine,
    plaintext: &[u8],
    from: Option<&str>,
    route: &Route,
) -> Result<Packed, PackError> {
    let sender = match from {
        Some(verkey) => {
            let key = engine.signing_key(verkey).await?;
            Some(key.ok_or_else(|| PackError::Sender(verkey.to_owned()))?)
        }
        None => None,
    };
    let recipients = keys(&route.recipient_keys)?;
    let (sender, known) = (sender.as_ref(), engine.agreements());
    let mut envelope = v1::pack_with(plaintext, &recipients, sender, &mut OsRng, known)?;
    let mut next = route.recipient_keys.first().cloned().unwrap_or_default();
    for hop in &route.routing_keys {
        let forward = v1::forward(&next, &envelope, &message_id())?;
        envelope = v1::pack(&forward, &keys(std::slice::from_ref(hop))?, None, &mut OsRng)?;
        next.clone_from(hop);
    }
    let endpoint = url(&route.endpoint)?;
    Ok(Packed { envelope, endpoint, media_type: "application/didcomm-envelope-enc" })
}

/// Our key agreement key that the document names first and whose private half we have.
async fn agreement_secret(
    engine: &Engine,
    document: &DidDocument,
) -> Result<v2::Secret, PackError> {
    for method in document.key_agreement_keys() {
        if !matches!(method.key, PublicKey::X25519(_)) {
            continue;
        }
        if let Some((_, secret)) = engine.secret_by_kid(&method.id).await? {
            let key = v2::SecretKey::X25519(*secret.bytes);
            return Ok(v2::Secret { kid: method.id.clone(), key });
        }
    }
    Err(PackError::Sender(document.id.to_string()))
}

fn keys(base58: &[String]) -> Result<Vec<[u8; 32]>, PackError> {
    if base58.is_empty() {
        return Err(PackError::Recipient("no recipient keys".into()));
    }
    let read =
        |key: &String| naked_key(key).map_err(|error| PackError::Recipient(error.to_string()));
    base58.iter().map(read).collect()
}

fn url(endpoint: &str) -> Result<Url, PackError> {
    Url::parse(endpoint).map_err(|error| PackError::Recipient(format!("endpoint: {error}")))
}

fn did_of(did_url: &str) -> &str {
    did_url.split('#').next().unwrap_or(did_url)
}

fn message_id() -> String {
    let mut seed = [0; 32];
    OsRng.fill_bytes(&mut seed);
    picomesh_pico::Entropy::new(seed).uuid()
}
