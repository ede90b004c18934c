//! Unqualified DIDs and their documents, as older agents exchange them.
//!
//! Source: RFC 0160 §Connection Request and RFC 0023 §DIDDoc; RFC 0067; forms seen from ACA-Py and
//! Credo.
//!
//! Reading is tolerant: ids with or without `did:sov:` or the DID in front, `authentication` as
//! text, as `{type, publicKey: <id>}` or as an embedded key. The document that was read is an
//! ordinary [`DidDocument`] about the unqualified DID. Writing is exact: `publicKey` in base58 and an
//! `IndyAgent` service, which is what ACA-Py reads.
//!
//! Absent on purpose: ledger DIDs. `did:sov:` is only the other spelling of an unqualified DID here.

mod read;
mod write;

pub use read::{is_legacy, read};
pub use write::write;

use crate::{Did, DidDocument, PublicKey, Service, VerificationMethod, encoding};

const KEY_KIND: &str = "Ed25519VerificationKey2018";
const AUTHENTICATION_KIND: &str = "Ed25519SignatureAuthentication2018";
const SERVICE_KIND: &str = "IndyAgent";

/// The unqualified DID of a key: base58 of its first 16 bytes.
#[must_use]
pub fn did_from_verkey(verkey: &[u8; 32]) -> Did {
    let (first, _) = verkey.split_at(16);
    #[expect(clippy::expect_used, reason = "base58 of 16 bytes is an unqualified DID")]
    encoding::to_base58(first).parse().expect("16 bytes")
}

/// The unqualified spelling of `did:sov:<id>`; any other DID as it is.
#[must_use]
pub fn unqualified(did: &Did) -> Did {
    let short = did.as_str().strip_prefix("did:sov:").and_then(|id| id.parse::<Did>().ok());
    short.filter(Did::is_unqualified).unwrap_or_else(|| did.clone())
}

/// The document of an unqualified DID with one key and one endpoint.
#[must_use]
pub fn document(
    did: Did,
    verkey: &[u8; 32],
    endpoint: &str,
    routing_keys: &[[u8; 32]],
) -> DidDocument {
    let did = unqualified(&did);
    let id = did.with_fragment("1");
    let key = PublicKey::Ed25519(*verkey);
    let base58 = |key: &[u8; 32]| PublicKey::Ed25519(*key).to_base58();
    let service = Service {
        id: format!("{did};indy"),
        kind: SERVICE_KIND.into(),
        endpoint: endpoint.into(),
        routing_keys: routing_keys.iter().map(base58).collect(),
        recipient_keys: vec![base58(verkey)],
        ..Service::default()
    };
    let mut document = DidDocument::new(did);
    let (kind, controller) = (KEY_KIND.to_owned(), document.id.to_string());
    document.authentication.push(id.clone());
    document.verification_method.push(VerificationMethod { id, kind, controller, key });
    document.service.push(service);
    document
}

#[cfg(test)]
mod tests;
