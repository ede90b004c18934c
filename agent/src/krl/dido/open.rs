//! Opening a message and saying what its envelope proves.

use super::prior::{self, Prior};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use picomesh_did_resolver::DidDocument;
use picomesh_didcomm::bind::{self, Proof};
use picomesh_didcomm::envelope::v2::{self, Secret};
use picomesh_didcomm::{Error, Message, json as strict};
use serde_json::{Map, Value, json};

/// An opened message.
#[derive(Clone, Debug)]
pub(super) struct Opened {
    /// The message.
    pub(super) message: Map<String, Value>,
    /// What the envelope says of itself, in the words of `didcomm-node`.
    pub(super) metadata: Value,
    /// Who encrypted it; `None` when that is not known.
    pub(super) sender: Option<String>,
    /// The DID of ours that it reached.
    pub(super) mine: Option<String>,
    /// The sender's rotation, if it is one from an old DID to the one that sent this.
    pub(super) prior: Option<Prior>,
}

impl Opened {
    /// A header of the message, as text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.message.get(name)?.as_str()
    }

    /// The type of the message.
    pub(super) fn kind(&self) -> &str {
        self.text("type").unwrap_or_default()
    }

    /// What stands in the message's body under a name.
    pub(super) fn body(&self, name: &str) -> &Value {
        self.message.get("body").and_then(|body| body.get(name)).unwrap_or(&Value::Null)
    }
}

/// Opens an encrypted message. `packed` is the envelope as it came, `now` in unix seconds.
pub(super) fn open(
    envelope: &v2::Envelope,
    packed: &Map<String, Value>,
    secret: &Secret,
    documents: &[&DidDocument],
    now: u64,
) -> Result<Opened, Error> {
    let opened = v2::open(envelope, std::slice::from_ref(secret), documents)?;
    let message = strict::parse_object(&opened.plaintext, strict::JSON_DEPTH_MAX)?;
    let proof = Proof::from(&opened);
    let mine = secret.kid.split('#').next().unwrap_or_default().to_owned();
    bind(&message, &proof, Some(&mine), opened.sender_did.is_some(), now)?;
    let prior = rotation(&message, opened.sender_did.as_deref());
    let (alg, enc) = algorithms(packed);
    let is_authcrypt = opened.sender_did.is_some();
    let signed_message = opened.signed_message.as_deref().map(String::from_utf8_lossy);
    let metadata = json!({
        "encrypted": true,
        "authenticated": is_authcrypt || opened.signed_by.is_some(),
        "non_repudiation": opened.signed_by.is_some(),
        "anonymous_sender": alg == Some("ES"),
        "re_wrapped_in_forward": false,
        "encrypted_from_kid": opened.sender_kid,
        "encrypted_to_kids": envelope.recipients(),
        "sign_from": opened.signed_by,
        "from_prior_issuer_kid": prior.as_ref().map(|prior| &prior.kid),
        "enc_alg_auth": is_authcrypt.then_some("A256cbcHs512Ecdh1puA256kw"),
        "enc_alg_anon": (alg == Some("ES")).then_some(enc),
        "sign_alg": opened.signed_by.is_some().then_some("EdDSA"),
        "signed_message": signed_message,
        "from_prior": prior.as_ref().map(|prior| &prior.claims),
    });
    Ok(Opened { message, metadata, sender: opened.sender_did, mine: Some(mine), prior })
}

/// Opens what is signed and not encrypted.
pub(super) fn open_signed(
    signed: &v2::Signed,
    packed: &Map<String, Value>,
    documents: &[&DidDocument],
) -> Result<Opened, Error> {
    let opened = v2::open_signed(signed, documents)?;
    let message = strict::parse_object(&opened.plaintext, strict::JSON_DEPTH_MAX)?;
    let mut metadata = plain_metadata();
    metadata["authenticated"] = true.into();
    metadata["non_repudiation"] = true.into();
    metadata["sign_from"] = json!(opened.signed_by);
    metadata["sign_alg"] = "EdDSA".into();
    metadata["signed_message"] = Value::Object(packed.clone()).to_string().into();
    Ok(Opened { message, metadata, sender: None, mine: None, prior: None })
}

/// A message without envelope: it proves nothing.
pub(super) fn open_plain(message: Map<String, Value>) -> Opened {
    Opened { message, metadata: plain_metadata(), sender: None, mine: None, prior: None }
}

fn plain_metadata() -> Value {
    json!({
        "encrypted": false,
        "authenticated": false,
        "non_repudiation": false,
        "anonymous_sender": false,
        "re_wrapped_in_forward": false,
        "encrypted_from_kid": null,
        "encrypted_to_kids": null,
        "sign_from": null,
        "from_prior_issuer_kid": null,
        "enc_alg_auth": null,
        "enc_alg_anon": null,
        "sign_alg": null,
        "signed_message": null,
        "from_prior": null,
    })
}

/// Holds what the message says of itself against what the envelope proves.
///
/// Types, bodies and attachments are the program's affair and may be anything here.
fn bind(
    message: &Map<String, Value>,
    proof: &Proof,
    mine: Option<&str>,
    is_authcrypt: bool,
    now: u64,
) -> Result<(), Error> {
    const HEADERS: [&str; 8] =
        ["id", "typ", "from", "to", "thid", "pthid", "created_time", "expires_time"];
    let stated = HEADERS.iter().filter_map(|name| {
        Some(((*name).to_owned(), message.get(*name).filter(|value| !value.is_null())?.clone()))
    });
    let mut headers: Map<String, Value> = stated.collect();
    headers.insert("type".into(), "https://didcomm.org/empty/1.0/empty".into());
    // Encrypted by its sender for us, it needs no `to` to show that it is ours.
    if is_authcrypt && !headers.contains_key("to") {
        headers.insert("to".into(), json!([mine]));
    }
    let headers = Message::from_fields(headers)?;
    bind::bind(&headers, proof, mine, None, now).map(|_| ()).map_err(|_| Error::Undecryptable)
}

/// A rotation counts only when it leads to the DID that sent the message.
fn rotation(message: &Map<String, Value>, sender: Option<&str>) -> Option<Prior> {
    let prior = prior::read(message.get("from_prior")?.as_str()?)?;
    (Some(prior.subject.as_str()) == sender).then_some(prior)
}

/// How the outermost layer was encrypted: `1PU` or `ES`, and the library's name for the rest.
fn algorithms(packed: &Map<String, Value>) -> (Option<&'static str>, &'static str) {
    let protected = packed.get("protected").and_then(Value::as_str).unwrap_or_default();
    let header = URL_SAFE_NO_PAD.decode(protected).unwrap_or_default();
    let header: Value = serde_json::from_slice(&header).unwrap_or_default();
    let alg = match header.get("alg").and_then(Value::as_str) {
        Some("ECDH-1PU+A256KW") => Some("1PU"),
        Some("ECDH-ES+A256KW") => Some("ES"),
        Some(_) | None => None,
    };
    let enc = match header.get("enc").and_then(Value::as_str) {
        Some("XC20P") => "Xc20pEcdhEsA256kw",
        Some("A256GCM") => "A256gcmEcdhEsA256kw",
        Some(_) | None => "A256cbcHs512EcdhEsA256kw",
    };
    (alg, enc)
}
