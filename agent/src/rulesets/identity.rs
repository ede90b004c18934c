//! Making the DIDs of a pico's channels: each channel has a DID of its own.
//!
//! The keys come from the turn's random numbers, so that a repeated turn makes the same DID.

use ed25519_dalek::SigningKey;
use picomesh_did_resolver::method::{key, peer};
use picomesh_did_resolver::{Did, DidDocument, PublicKey, Service, resolve_local};
use picomesh_pico::{Channel, Context, Eci, Fault, OwnDid, OwnSecret, SecretKind};
use serde_json::json;
use zeroize::Zeroizing;

/// A DID of this pico, fresh or loaded, with what is needed to speak for it.
pub struct Identity {
    /// The DID as it is stored: short where there is a short form.
    pub did: String,
    /// The DID as strangers need it: it carries its document.
    pub long_did: String,
    /// The channel whose DID it is.
    pub eci: Eci,
    /// Its document, with the long DID as its id.
    pub document: DidDocument,
    /// Its Ed25519 key.
    pub key: SigningKey,
    /// That key's public half in base58: the verkey of DIDComm v1.
    pub verkey: String,
}

/// Which kind of DID to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// did:key, Ed25519: for invitations and for signing credentials.
    Key,
    /// did:peer:4 with a `did-communication` service: for DIDComm v1.
    Peer4,
    /// did:peer:2 with a `DIDCommMessaging` service: for DIDComm v2.
    Peer2,
}

/// Makes a DID and the channel that it belongs to. The channel lets nothing through but
/// what the engine itself brings: DIDComm messages are not channel events.
pub fn create(
    context: &mut Context,
    kind: Kind,
    endpoint: &str,
    tags: &[&str],
) -> Result<Identity, Fault> {
    let channel = Channel::closed(fresh_eci(context)?, tags);
    give(context, kind, endpoint, channel)
}

/// Makes a DID for a channel that has none yet.
pub fn give(
    context: &mut Context,
    kind: Kind,
    endpoint: &str,
    mut channel: Channel,
) -> Result<Identity, Fault> {
    let signing = SigningKey::from_bytes(&context.entropy().bytes());
    let agreement = Zeroizing::new(context.entropy().bytes::<32>());
    let identity = make(kind, signing, &agreement, endpoint, channel.eci.clone())?;
    channel.did = Some(identity.did.clone());
    context.channel_put(channel)?;
    let own = to_own(&identity, kind, agreement);
    context.did_put(own)?;
    Ok(identity)
}

/// Loads a DID of this pico with its signing key.
pub fn load(context: &Context, did: &str) -> Result<Identity, Fault> {
    let own = context.did(did)?.ok_or_else(|| Fault::not_found("DID of this pico"))?;
    let secrets = context.secrets(did)?;
    let ed25519 = secrets.into_iter().find(|secret| secret.kind == SecretKind::Ed25519);
    let ed25519 = ed25519.ok_or_else(|| Fault::Broken(format!("no signing key for {did}")))?;
    let broken = |reason: String| Fault::Broken(format!("{did}: {reason}"));
    let long = std::str::from_utf8(&own.document).map_err(|error| broken(error.to_string()))?;
    let long: Did = long.parse().map_err(|error| broken(format!("{error}")))?;
    let document = resolve_local(&long).ok_or_else(|| broken("not self-contained".into()))?;
    let document = document.map_err(|error| broken(error.to_string()))?;
    Ok(Identity {
        did: own.did,
        long_did: document.id.to_string(),
        eci: own.eci,
        document,
        key: SigningKey::from_bytes(&ed25519.bytes),
        verkey: ed25519.kid,
    })
}

fn fresh_eci(context: &mut Context) -> Result<Eci, Fault> {
    Eci::parse(&context.entropy().secret_id()).map_err(|error| Fault::Broken(error.to_string()))
}

fn make(
    kind: Kind,
    signing: SigningKey,
    agreement: &[u8; 32],
    endpoint: &str,
    eci: Eci,
) -> Result<Identity, Fault> {
    let broken = |error: picomesh_did_resolver::Error| Fault::Broken(error.to_string());
    let public = signing.verifying_key().to_bytes();
    let (did, long) = match kind {
        Kind::Key => {
            let did = key::from_ed25519(&public);
            (did.clone(), did)
        }
        Kind::Peer4 => {
            let peer4 = peer::create_4(&peer4_document(&public, endpoint)).map_err(broken)?;
            (peer4.short, peer4.long)
        }
        Kind::Peer2 => {
            let did = create_peer2(&public, agreement, endpoint).map_err(broken)?;
            (did.clone(), did)
        }
    };
    let document = resolve_local(&long).ok_or_else(|| Fault::Broken("own DID".into()))?;
    Ok(Identity {
        did: did.to_string(),
        long_did: long.to_string(),
        eci,
        document: document.map_err(broken)?,
        verkey: PublicKey::Ed25519(public).to_base58(),
        key: signing,
    })
}

/// The document of a DID for DIDComm v1, in the shape that ACA-Py and Credo make themselves.
fn peer4_document(public: &[u8; 32], endpoint: &str) -> serde_json::Value {
    let multibase = PublicKey::Ed25519(*public).to_multibase();
    json!({
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "verificationMethod":
            [{ "id": "#key-0", "type": "Multikey", "publicKeyMultibase": multibase }],
        "authentication": ["#key-0"],
        "assertionMethod": ["#key-0"],
        "keyAgreement": ["#key-0"],
        "service": [{
            "id": "#didcomm-0",
            "type": "did-communication",
            "priority": 0,
            "recipientKeys": ["#key-0"],
            "routingKeys": [],
            "serviceEndpoint": endpoint,
            "accept": ["didcomm/aip1", "didcomm/aip2;env=rfc19"],
        }],
    })
}

fn create_peer2(
    public: &[u8; 32],
    agreement: &[u8; 32],
    endpoint: &str,
) -> Result<picomesh_did_resolver::Did, picomesh_did_resolver::Error> {
    let secret = x25519_dalek::StaticSecret::from(*agreement);
    let agreement = x25519_dalek::PublicKey::from(&secret).to_bytes();
    let keys = [
        (peer::Purpose::Verification, PublicKey::Ed25519(*public)),
        (peer::Purpose::Encryption, PublicKey::X25519(agreement)),
    ];
    let service = Service {
        kind: "DIDCommMessaging".into(),
        endpoint: endpoint.into(),
        accept: vec!["didcomm/v2".into()],
        ..Service::default()
    };
    peer::create_2(&keys, &[service])
}

fn to_own(identity: &Identity, kind: Kind, agreement: Zeroizing<[u8; 32]>) -> OwnDid {
    let secret =
        |kid: String, kind, bytes| OwnSecret { kid, did: identity.did.clone(), kind, bytes };
    let ed25519 = Zeroizing::new(identity.key.to_bytes());
    let mut secrets = vec![secret(identity.verkey.clone(), SecretKind::Ed25519, ed25519)];
    if kind == Kind::Peer2 {
        let agreement_keys = identity.document.key_agreement_keys();
        let kids = agreement_keys.map(|method| method.id.clone());
        secrets.extend(kids.map(|kid| secret(kid, SecretKind::X25519, agreement.clone())));
    }
    OwnDid {
        did: identity.did.clone(),
        eci: identity.eci.clone(),
        // Every DID that we make carries its document: in its long form it is all there is to keep.
        document: identity.long_did.clone().into_bytes(),
        secrets,
    }
}
