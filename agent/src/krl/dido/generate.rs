//! Making a DID, with the channel that it listens on.

use super::documents::document_json;
use super::state;
use crate::rulesets::Setting;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use picomesh_did_resolver::PublicKey;
use picomesh_pico::operations::{clean_tags, put_channel};
use picomesh_pico::{
    Channel, Context, Eci, EventPattern, EventPolicy, Fault, OwnDid, OwnSecret, QueryPolicy,
    SecretKind,
};
use serde_json::{Value, json};
use x25519_dalek::StaticSecret;
use zeroize::Zeroizing;

/// Marks the channel of a DID that stands in an invitation.
pub(super) const INVITE_TAG: &str = "did_invite";

/// Makes a DID and its channel, keeps its document in the calling ruleset, and returns it.
///
/// The channel lets messages in, and nothing else: whoever has the DID has its address too.
pub fn generate_did(
    context: &mut Context,
    setting: &Setting,
    is_invite: bool,
) -> Result<Value, Fault> {
    let eci = context.fresh_eci()?;
    let agreement = Zeroizing::new(context.entropy().bytes::<32>());
    let signing = SigningKey::from_bytes(&context.entropy().bytes());
    let public = x25519_dalek::PublicKey::from(&StaticSecret::from(*agreement)).to_bytes();
    let agreement_name = PublicKey::X25519(public).to_multibase();
    let signing_name = PublicKey::Ed25519(signing.verifying_key().to_bytes()).to_multibase();
    let endpoint = format!("{}/sky/event/{eci}/none/dido/didcommv2_message", host(setting));
    let service = json!({
        "t": "dm", "s": endpoint, "a": ["didcomm/v2", "didcomm/aip2;env=rfc587"],
    });
    let service = URL_SAFE_NO_PAD.encode(service.to_string());
    let did = format!("did:peer:2.E{agreement_name}.V{signing_name}.S{service}");
    let document = document_json(&did).ok_or_else(|| Fault::Broken("own DID".into()))?;

    context.channel_put(channel(&eci, &did, is_invite)?)?;
    let secret = |name: &str, kind, bytes| {
        let kid = format!("{did}#{}", name.trim_start_matches('z'));
        OwnSecret { kid, did: did.clone(), kind, bytes }
    };
    let secrets = vec![
        secret(&agreement_name, SecretKind::X25519, agreement.clone()),
        secret(&signing_name, SecretKind::Ed25519, Zeroizing::new(signing.to_bytes())),
    ];
    context.did_put(OwnDid { did: did.clone(), eci, document: did.clone().into(), secrets })?;
    state::store_did_doc(context, &document)
}

fn channel(eci: &Eci, did: &str, is_invite: bool) -> Result<Channel, Fault> {
    let tags = match is_invite {
        true => json!([INVITE_TAG, did]),
        false => json!([did]),
    };
    let allow = ["didcommv2_message", "dido_send_response"]
        .map(|name| EventPattern { domain: "dido".into(), name: name.into() });
    Ok(Channel {
        eci: eci.clone(),
        tags: clean_tags(&tags)?,
        event_policy: EventPolicy { allow: allow.into(), deny: vec![] },
        // In pico-engine anyone with the DID may query did-o here, and clear its state by that.
        query_policy: QueryPolicy::default(),
        did: Some(did.to_owned()),
        family: None,
    })
}

/// Adds tags to a channel.
pub fn add_labels(context: &mut Context, eci: &Value, labels: &Value) -> Result<(), Fault> {
    let parsed = eci.as_str().and_then(|eci| Eci::parse(eci).ok());
    let channel = match parsed {
        Some(eci) => context.channel(&eci)?,
        None => None,
    };
    let channel = channel
        .ok_or_else(|| Fault::type_error("Cannot read properties of undefined (reading 'tags')"))?;
    let mut tags: Vec<Value> = channel.tags.into_iter().map(Value::String).collect();
    match labels {
        Value::Array(labels) => tags.extend(labels.iter().cloned()),
        label @ Value::Null
        | label @ Value::Bool(_)
        | label @ Value::Number(_)
        | label @ Value::String(_)
        | label @ Value::Object(_) => tags.push(label.clone()),
    }
    put_channel(context, Some(eci), &Value::Array(tags), &Value::Null, &Value::Null)
}

/// The address of an invitation, which ends in the invitation itself.
#[must_use]
pub fn create_invite_url(setting: &Setting, base64: &str) -> String {
    let host = host(setting);
    // An address of this machine says nothing to others; the invitation counts alone.
    let host = if host.contains("localhost") { "http://example.com" } else { host };
    format!("{host}/invite?_oob={base64}")
}

/// Where others reach us, without the last slash.
fn host(setting: &Setting) -> &str {
    setting.public_url.as_str().trim_end_matches('/')
}
