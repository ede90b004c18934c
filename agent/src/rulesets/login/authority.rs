//! The keys of the provider, and the provider made of them.

use super::{Setting, own};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use picomesh_login::keys::{self, Algorithm, KeySet, SigningKey};
use picomesh_login::{Invalid, Issuer, Provider};
use picomesh_pico::{Context, Event, Fault};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::{Zeroize as _, Zeroizing};

/// The entity that holds the keys; sealed at rest as every entity is.
const KEYS: &str = "keys";

/// The OpenID provider of this agent: its name is given, its keys come from the pico's state.
pub(super) struct Authority {
    issuer: Result<Issuer, Invalid>,
    /// What was last made of stored keys: reading an RSA key takes longer than a whole turn.
    memo: Mutex<Option<(Keys, Arc<Provider>)>>,
}

/// The keys, as they are stored.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    /// Oldest first.
    signing: Vec<Key>,
    /// 32 bytes in base64.
    subject_secret: String,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    algorithm: Algorithm,
    /// PKCS #8 in base64.
    pkcs8: String,
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.subject_secret.zeroize();
        self.signing.iter_mut().for_each(|key| key.pkcs8.zeroize());
    }
}

impl Keys {
    /// Fresh keys, one for each algorithm. RSA takes a good part of a second.
    pub(super) fn generate(subject_secret: &[u8; 32]) -> Result<Self, keys::Error> {
        let generate = |algorithm| {
            let pkcs8 = SigningKey::generate(algorithm)?.to_pkcs8()?;
            Ok(Key { algorithm, pkcs8: STANDARD.encode(&*pkcs8) })
        };
        let signing: Result<_, keys::Error> = Algorithm::ALL.into_iter().map(generate).collect();
        Ok(Self { signing: signing?, subject_secret: STANDARD.encode(subject_secret) })
    }

    fn provider(&self, issuer: Issuer) -> Option<Provider> {
        let read = |key: &Key| {
            let pkcs8 = Zeroizing::new(STANDARD.decode(&key.pkcs8).ok()?);
            SigningKey::from_pkcs8(key.algorithm, &pkcs8).ok()
        };
        let secret = Zeroizing::new(STANDARD.decode(&self.subject_secret).ok()?);
        let subject_secret: [u8; 32] = secret.as_slice().try_into().ok()?;
        Some(Provider {
            issuer,
            keys: KeySet::new(self.signing.iter().map(read).collect::<Option<_>>()?),
            subject_secret: subject_secret.into(),
        })
    }
}

impl Authority {
    pub(super) fn new(setting: &Setting) -> Self {
        Self { issuer: issuer(setting), memo: Mutex::default() }
    }

    /// The provider, once its keys are there.
    pub(super) fn provider(&self, context: &Context) -> Result<Arc<Provider>, Fault> {
        let issuer = self.issuer.as_ref().map_err(|error| {
            Fault::refused("not-ready", format!("the public URL serves no logins: {error}"))
        })?;
        let Some(keys) = context.entity::<Keys>(KEYS)? else {
            return Err(Fault::refused("not-ready", "the signing keys are being made"));
        };
        let mut memo = self.memo.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, provider)) = &*memo
            && *known == keys
        {
            return Ok(provider.clone());
        }
        let provider = keys.provider(issuer.clone());
        let provider = provider.ok_or_else(|| Fault::Broken("the signing keys".into()))?;
        let provider = Arc::new(provider);
        *memo = Some((keys, provider.clone()));
        Ok(provider)
    }
}

/// The issuer identifier of an agent: its public URL without the final slash.
pub(super) fn issuer(setting: &Setting) -> Result<Issuer, Invalid> {
    Issuer::parse(setting.public_url.as_str().trim_end_matches('/'))
}

/// `login:put_keys`: the first keys stay, whoever else made some at the same time.
pub(super) fn put_keys(_: &Authority, context: &mut Context, event: &Event) -> Result<(), Fault> {
    own(event)?;
    if context.entity::<Keys>(KEYS)?.is_some() {
        return Ok(());
    }
    // No inner cause: it could quote a key.
    let keys: Keys = serde_json::from_value(Value::Object(event.attrs.clone()))
        .map_err(|_| Fault::refused("invalid", "these are no keys"))?;
    context.put(KEYS, &keys)
}

pub(super) fn is_ready(
    authority: &Authority,
    context: &mut Context,
    _: &Map<String, Value>,
) -> Result<Value, Fault> {
    match authority.provider(context) {
        Ok(_) => Ok(json!(true)),
        Err(Fault::Refused { .. }) => Ok(json!(false)),
        Err(fault) => Err(fault),
    }
}

pub(super) fn jwks(
    authority: &Authority,
    context: &mut Context,
    _: &Map<String, Value>,
) -> Result<Value, Fault> {
    Ok(authority.provider(context)?.keys.jwks())
}
