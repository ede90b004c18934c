//! The keys behind a DID of ours.

use super::documents::document;
use crate::engine::{Engine, EngineError};
use picomesh_did_resolver::DidDocument;
use picomesh_didcomm::envelope::v2::{Secret, SecretKey};
use picomesh_pico::{Context, Fault, OwnSecret, PicoId, SecretKind};

/// A DID of ours with what is needed to write in its name.
pub(super) struct Keys {
    pub(super) document: DidDocument,
    pub(super) agreement: Secret,
    pub(super) signing: Secret,
}

impl Keys {
    /// Those of a DID of the pico of this turn.
    pub(super) fn load(context: &Context, did: &str) -> Result<Option<Self>, Fault> {
        if context.did(did)?.is_none() {
            return Ok(None);
        }
        Ok(Self::of(did, context.secrets(did)?))
    }

    /// Those of a DID of a pico.
    pub(super) async fn find(
        engine: &Engine,
        pico: &PicoId,
        did: &str,
    ) -> Result<Option<Self>, EngineError> {
        let Some(document) = document(did) else { return Ok(None) };
        let mut secrets = vec![];
        for kid in document.key_agreement.iter().chain(&document.authentication) {
            match engine.secret_by_kid(kid).await? {
                Some((owner, secret)) if owner == *pico => secrets.push(secret),
                Some(_) | None => {}
            }
        }
        Ok(Self::of(did, secrets))
    }

    fn of(did: &str, secrets: Vec<OwnSecret>) -> Option<Self> {
        let document = document(did)?;
        let (mut agreement, mut signing) = (None, None);
        for own in secrets {
            let kid = own_kid(&own.kid);
            match own.kind {
                SecretKind::X25519 => {
                    agreement = Some(Secret { kid, key: SecretKey::X25519(*own.bytes) });
                }
                SecretKind::Ed25519 => {
                    signing = Some(Secret { kid, key: SecretKey::Ed25519(*own.bytes) });
                }
            }
        }
        Some(Self { document, agreement: agreement?, signing: signing? })
    }

    pub(super) fn did(&self) -> &str {
        self.document.id.as_str()
    }
}

/// A key id of a did:peer:2 in the form under which we keep our keys: `#6LS…`.
///
/// Others say `#key-1`, as the method does today, or `#z6LS…`.
pub(super) fn own_kid(kid: &str) -> String {
    let Some((did, fragment)) = kid.split_once('#') else { return kid.to_owned() };
    if let Some(key) = fragment.strip_prefix('z') {
        return format!("{did}#{key}");
    }
    let index = fragment.strip_prefix("key-").and_then(|index| index.parse::<usize>().ok());
    let nth = |index: usize| {
        let document = document(did)?;
        Some(document.verification_method.get(index.checked_sub(1)?)?.id.clone())
    };
    index.and_then(nth).unwrap_or_else(|| kid.to_owned())
}
