//! The DID documents that a verification may use: given by the caller, never resolved here.

use std::collections::{BTreeMap, BTreeSet};

use ed25519_dalek::VerifyingKey;
use picomesh_did_resolver::{Did, DidDocument, PublicKey, resolve_local};
use serde_json::Value;

use crate::vcdm;

/// DIDs that one document may make the caller resolve.
pub const DIDS_NEEDED_MAX: usize = 60;

/// DID documents by DID.
#[derive(Clone, Debug, Default)]
pub struct Documents(pub BTreeMap<String, DidDocument>);

impl Documents {
    /// No documents.
    pub fn new() -> Self {
        Self::default()
    }

    /// The documents of those DIDs that carry their document themselves (did:key, did:jwk,
    /// did:peer); and the DIDs that the caller must resolve.
    pub fn local(dids: &[String]) -> (Self, Vec<String>) {
        let (mut documents, mut others) = (Self::new(), Vec::new());
        for did in dids {
            let resolved = did.parse::<Did>().ok().and_then(|did| resolve_local(&did));
            match resolved {
                Some(Ok(document)) => documents.insert(did.clone(), document),
                Some(Err(_)) | None => others.push(did.clone()),
            }
        }
        (documents, others)
    }

    /// Adds the document of a DID.
    pub fn insert(&mut self, did: String, document: DidDocument) {
        self.0.insert(did, document);
    }

    /// The Ed25519 key of a verification method, if its DID's document lists it for this purpose.
    pub(crate) fn key(&self, did_url: &str, purpose: &str) -> Result<VerifyingKey, String> {
        let did = vcdm::did_of(did_url);
        let document = self.0.get(did).ok_or_else(|| format!("no DID document of {did}"))?;
        if document.id.as_ref() != did {
            return Err(format!("the DID document of {did} is that of {}", document.id));
        }
        let method = document.method(did_url).ok_or_else(|| format!("no key {did_url}"))?;
        if method.controller != did {
            return Err(format!("{did_url} is controlled by {}", method.controller));
        }
        let listed = match purpose {
            "assertionMethod" => &document.assertion_method,
            "authentication" => &document.authentication,
            _ => return Err(format!("unknown purpose {purpose}")),
        };
        if !listed.iter().any(|id| document.absolute(id) == method.id) {
            return Err(format!("{did_url} is not for {purpose}"));
        }
        match &method.key {
            PublicKey::Ed25519(bytes) => {
                VerifyingKey::from_bytes(bytes).map_err(|_| format!("{did_url} is no valid key"))
            }
            PublicKey::X25519(_)
            | PublicKey::P256(_)
            | PublicKey::P384(_)
            | PublicKey::Secp256k1(_) => Err(format!("{did_url} is no Ed25519 key")),
        }
    }
}

impl FromIterator<DidDocument> for Documents {
    fn from_iter<T: IntoIterator<Item = DidDocument>>(documents: T) -> Self {
        Self(documents.into_iter().map(|document| (document.id.to_string(), document)).collect())
    }
}

/// The DIDs whose documents a verification of this credential or presentation needs, each once:
/// those of the verification methods and the issuers. At most [`DIDS_NEEDED_MAX`]; what lies
/// beyond stays unresolved and fails its check.
pub fn dids_needed(document: &Value) -> Vec<String> {
    let mut dids = BTreeSet::new();
    let credentials = vcdm::credentials(document).iter().take(crate::PRESENTATION_CREDENTIALS_MAX);
    for part in std::iter::once(document).chain(credentials) {
        let methods = vcdm::each(part.get("proof")).iter().take(2);
        let methods = methods.filter_map(|proof| proof.get("verificationMethod")?.as_str());
        for id in methods.chain(vcdm::issuer(part)) {
            let did = vcdm::did_of(id);
            if did.starts_with("did:") && dids.len() < DIDS_NEEDED_MAX {
                dids.insert(did.to_owned());
            }
        }
    }
    dids.into_iter().collect()
}
