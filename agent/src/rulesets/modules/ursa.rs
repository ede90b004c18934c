//! The module `ursa`: keys, envelopes and signed fields of DIDComm v1.
//!
//! Source: pico-engine 1.4, module `ursa`; RFC 0019 (envelopes), RFC 0234 (signature decorator).
//! Envelopes are written with padded base64url, which pico-engine demands.
//!
//! The secrets that `generateDID` returns belong to the program that asked for them: they are as
//! safe as its entity variables, which are encrypted at rest.

use base64::Engine as _;
use base64::alphabet::URL_SAFE as ALPHABET;
use base64::engine::general_purpose::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use picomesh_didcomm::envelope::{self, Envelope, v1};
use picomesh_pico::{Context, Fault, Native, Rid};
use serde_json::{Map, Value, json};

type Args = Map<String, Value>;

/// Most bytes that `sig_data` and `crypto_sign` take.
const BYTES_MAX: usize = 1024 * 1024;
/// Most recipients of a message.
const RECIPIENTS_MAX: usize = envelope::RECIPIENTS_MAX;
/// The timestamp in front of a signed field.
const TIMESTAMP_BYTES: usize = 8;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The module.
pub(super) fn module(rid: Rid) -> Native {
    Native::new(rid, "DIDComm v1: keys, envelopes, signed fields.")
        .provides("generateDID", &[], |context, _| Ok(generate(context)))
        .provides("sig_data", &["bytes"], |_, args| {
            Ok(URL_SAFE.encode(bytes(value(args, "bytes"))?).into())
        })
        .provides("crypto_sign", &["bytes", "chann"], |_, args| {
            let key = signing_key(value(args, "chann"))?;
            let signature = key.sign(&bytes(value(args, "bytes"))?);
            Ok(URL_SAFE.encode(signature.to_bytes()).into())
        })
        .provides("verify_signed_field", &["signed_field"], |_, args| {
            verify(value(args, "signed_field"))
        })
        .provides("unpack", &["messageIn", "chann"], |_, args| {
            unpack(value(args, "messageIn"), value(args, "chann"))
        })
        .provides("pack", &["message", "toPublicKeys", "fromChann"], pack)
}

/// Two pairs of keys: one behind the DID, and one for envelopes.
fn generate(context: &mut Context) -> Value {
    let seed = context.entropy().bytes::<32>();
    let key = SigningKey::from_bytes(&seed);
    let public = key.verifying_key().to_bytes();
    let agreement = x25519_dalek::StaticSecret::from(seed);
    let agreement = x25519_dalek::PublicKey::from(&agreement).to_bytes();
    let aries = SigningKey::from_bytes(&context.entropy().bytes());
    let (did, _) = public.split_at(16);
    json!({
        "did": base58(did),
        "verifyKey": base58(&public),
        "encryptionPublicKey": base58(&agreement),
        "ariesPublicKey": base58(aries.verifying_key().as_bytes()),
        "secret": {
            "seed": hex::encode(seed),
            "signKey": base58(&seed),
            "encryptionPrivateKey": base58(&seed),
            "ariesPrivateKey": base58(&aries.to_keypair_bytes()),
        },
    })
}

/// Checks a field that somebody signed: its text and the time are given in any case.
fn verify(field: &Value) -> Result<Value, Fault> {
    let part = |name: &str| {
        let text = field.get(name).and_then(Value::as_str);
        text.ok_or_else(|| Fault::type_error("input cannot be null or undefined"))
    };
    let decode =
        |name: &str| LENIENT.decode(part(name)?).map_err(|_| Fault::thrown("invalid input"));
    let (signature, data) = (decode("signature")?, decode("sig_data")?);
    let signer = key_bytes(part("signer")?)?;
    let signature = Signature::from_slice(&signature)
        .map_err(|_| Fault::type_error("invalid signature length"))?;
    let is_good = VerifyingKey::from_bytes(&signer)
        .is_ok_and(|key| key.verify_strict(&data, &signature).is_ok());
    let (time, text) = data.split_at(TIMESTAMP_BYTES.min(data.len()));
    // ASCII as Node reads it: the highest bit is dropped.
    let text: String = text.iter().map(|byte| char::from(byte & 0x7f)).collect();
    let time: Map<String, Value> =
        time.iter().enumerate().map(|(at, byte)| (at.to_string(), json!(byte))).collect();
    Ok(json!({ "sig_verified": is_good, "field": text, "timestamp": time }))
}

fn unpack(message: &Value, channel: &Value) -> Result<Value, Fault> {
    let packed = match message {
        Value::String(text) => text.clone(),
        Value::Object(_) => message.to_string(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
            return Err(Fault::type_error("not a packed message"));
        }
    };
    let key = signing_key(channel)?;
    let verkey = base58(key.verifying_key().as_bytes());
    let wrong = || Fault::thrown("ciphertext cannot be decrypted using that key");
    let envelope = match envelope::parse(packed.as_bytes()) {
        Ok(Envelope::V1(envelope)) => envelope,
        Ok(_) => return Err(Fault::thrown("Unsupported pack algorithm")),
        Err(error) => return Err(Fault::thrown(error)),
    };
    if !envelope.recipients().contains(&verkey) {
        return Err(Fault::thrown("No corresponding recipient key found"));
    }
    let opened = v1::open(&envelope, &verkey, &key).map_err(|_| wrong())?;
    let text = String::from_utf8(opened.plaintext)
        .map_err(|_| Fault::type_error("The encoded data was not valid."))?;
    Ok(json!({
        "message": text,
        "sender_key": opened.sender.map(|sender| base58(&sender)),
        "recipient_key": opened.recipient,
    }))
}

fn pack(context: &mut Context, args: &Args) -> Result<Value, Fault> {
    let message = match value(args, "message") {
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            return Err(Fault::type_error("unsupported input type for message"));
        }
    };
    let keys = value(args, "toPublicKeys").as_array();
    let keys = keys.ok_or_else(|| Fault::type_error("toPublicKeys.map is not a function"))?;
    if keys.len() > RECIPIENTS_MAX {
        return Err(Fault::Limit { name: "RECIPIENTS_MAX" });
    }
    let recipient = |key: &Value| match key {
        Value::String(text) => key_bytes(text),
        other @ Value::Null
        | other @ Value::Bool(_)
        | other @ Value::Number(_)
        | other @ Value::Array(_)
        | other @ Value::Object(_) => {
            bytes(other)?.try_into().map_err(|_| Fault::type_error("invalid publicKey length"))
        }
    };
    let recipients: Vec<[u8; 32]> = keys.iter().map(recipient).collect::<Result<_, _>>()?;
    let sender = match value(args, "fromChann") {
        Value::Null => None,
        channel @ Value::Bool(_)
        | channel @ Value::Number(_)
        | channel @ Value::String(_)
        | channel @ Value::Array(_)
        | channel @ Value::Object(_)
            if !picomesh_pico::operations::truthy(channel) =>
        {
            None
        }
        channel @ Value::Bool(_)
        | channel @ Value::Number(_)
        | channel @ Value::String(_)
        | channel @ Value::Array(_)
        | channel @ Value::Object(_) => Some(signing_key(channel)?),
    };
    let entropy = context.entropy();
    let packed = v1::pack_padded(message.as_bytes(), &recipients, sender.as_ref(), entropy);
    let packed = packed.map_err(Fault::thrown)?;
    let packed = String::from_utf8(packed).map_err(|error| Fault::Broken(error.to_string()))?;
    Ok(packed.into())
}

/// The key for envelopes in what `generateDID` returned.
fn signing_key(channel: &Value) -> Result<SigningKey, Fault> {
    let secret = channel.get("secret").and_then(|secret| secret.get("ariesPrivateKey"));
    let secret = secret.and_then(Value::as_str).ok_or_else(|| {
        Fault::type_error("Cannot read properties of undefined (reading 'ariesPrivateKey')")
    })?;
    let bytes = decode58(secret)?;
    let pair: [u8; 64] =
        bytes.try_into().map_err(|_| Fault::type_error("invalid privateKey length"))?;
    SigningKey::from_keypair_bytes(&pair).map_err(|_| Fault::type_error("invalid privateKey"))
}

fn key_bytes(text: &str) -> Result<[u8; 32], Fault> {
    decode58(text)?.try_into().map_err(|_| Fault::type_error("invalid publicKey length"))
}

/// The longest is a private key with its public half.
fn decode58(text: &str) -> Result<Vec<u8>, Fault> {
    if text.len() > 128 {
        return Err(Fault::thrown("Non-base58 character"));
    }
    bs58::decode(text).into_vec().map_err(|_| Fault::thrown("Non-base58 character"))
}

fn base58(bytes: &[u8]) -> String {
    bs58::encode(bytes).into_string()
}

/// An array of numbers as bytes, each modulo 256 as in JavaScript.
fn bytes(value: &Value) -> Result<Vec<u8>, Fault> {
    let numbers: Vec<&Value> = match value {
        Value::Array(numbers) => numbers.iter().collect(),
        // What `verify_signed_field` gives as a timestamp.
        Value::Object(numbers) => numbers.values().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            return Err(Fault::type_error("object is not iterable"));
        }
    };
    if numbers.len() > BYTES_MAX {
        return Err(Fault::Limit { name: "BYTES_MAX" });
    }
    let byte = |number: &Value| match number.as_f64() {
        Some(n) if n.is_finite() => n.trunc().rem_euclid(256.0) as u8,
        Some(_) | None => 0,
    };
    Ok(numbers.into_iter().map(byte).collect())
}

fn value<'a>(args: &'a Args, name: &str) -> &'a Value {
    args.get(name).unwrap_or(&Value::Null)
}

#[cfg(test)]
mod tests;
