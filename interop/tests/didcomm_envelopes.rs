//! DIDComm v2 envelopes of ours against the PyPI package `didcomm`, both ways, in every mode.
//!
//! The only tests of this crate that link a crate of ours: no agent sends what is merely
//! anonymous or merely signed, so these modes cannot be seen over HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a test ends with the reason"
)]

use ed25519_dalek::SigningKey;
use picomesh_did_resolver::method::peer::{Purpose, create_2, create_4};
use picomesh_did_resolver::{Did, DidDocument, PublicKey, resolve_local};
use picomesh_didcomm::envelope::v2::{
    DidcommCrate, Enc, Opened, Pack, Secret, SecretKey, open, open_signed,
};
use picomesh_didcomm::envelope::{Envelope, parse};
use picomesh_interop::DidcommPeer;
use serde_json::{Value, json};
use x25519_dalek::{PublicKey as AgreementKey, StaticSecret};

const SIGNING: [u8; 32] = [7; 32];
const AGREEMENT: [u8; 32] = [9; 32];

/// Our side: a DID with a key of each kind.
struct Ours {
    document: DidDocument,
    agreement: Secret,
    signing: Secret,
}

impl Ours {
    fn of(document: DidDocument) -> Self {
        let secret = |id: &str, key| Secret { kid: id.to_owned(), key };
        let agreement = document.key_agreement_keys().next().unwrap().id.clone();
        let signing = document.authentication_keys().next().unwrap().id.clone();
        Self {
            agreement: secret(&agreement, SecretKey::X25519(AGREEMENT)),
            signing: secret(&signing, SecretKey::Ed25519(SIGNING)),
            document,
        }
    }

    fn peer_2() -> Self {
        let keys = [(Purpose::Encryption, agreement()), (Purpose::Verification, signing())];
        Self::of(resolved(create_2(&keys, &[]).unwrap().as_str()))
    }

    fn peer_4() -> Self {
        let method = |id: &str, key: &PublicKey| json!({ "id": id, "type": "Multikey", "publicKeyMultibase": key.to_multibase() });
        let input = json!({
            "verificationMethod": [method("#k1", &agreement()), method("#k2", &signing())],
            "keyAgreement": ["#k1"],
            "authentication": ["#k2"],
        });
        Self::of(create_4(&input).unwrap().document)
    }

    fn did(&self) -> &str {
        self.document.id.as_str()
    }
}

fn agreement() -> PublicKey {
    PublicKey::x25519(AgreementKey::from(&StaticSecret::from(AGREEMENT)).as_bytes()).unwrap()
}

fn signing() -> PublicKey {
    PublicKey::ed25519(SigningKey::from_bytes(&SIGNING).verifying_key().as_bytes()).unwrap()
}

fn resolved(did: &str) -> DidDocument {
    resolve_local(&did.parse::<Did>().unwrap()).unwrap().unwrap()
}

fn ping(from: Option<&str>, to: &str) -> Value {
    let mut message = json!({
        "id": "4d1b6a3e-77a0-4b0e-9a4e-0f5d3a0f2c11",
        "type": "https://didcomm.org/trust-ping/2.0/ping",
        "typ": "application/didcomm-plain+json",
        "to": [to],
        "body": { "response_requested": true, "text": "Grüße \u{0000}" },
    });
    if let Some(from) = from {
        message["from"] = json!(from);
    }
    message
}

fn opened(packed: &str, ours: &Ours, theirs: &DidDocument) -> Opened {
    match parse(packed.as_bytes()).unwrap() {
        Envelope::V2(envelope) => {
            open(&envelope, std::slice::from_ref(&ours.agreement), &[theirs]).unwrap()
        }
        Envelope::Signed(signed) => open_signed(&signed, &[theirs]).unwrap(),
        _ => panic!("a foreign kind of envelope"),
    }
}

#[tokio::test]
async fn ours_open_what_theirs_pack() {
    let mut peer = DidcommPeer::start().unwrap();
    let theirs = peer.new_did().await.unwrap();
    let their_document = resolved(&theirs);

    for ours in [Ours::peer_2(), Ours::peer_4()] {
        let named = ping(Some(&theirs), ours.did());
        let unnamed = ping(None, ours.did());
        let cases = [
            (json!({ "mode": "authcrypt" }), &named, true, false),
            (json!({ "mode": "authcrypt", "hide": true }), &named, true, false),
            (json!({ "mode": "authcrypt", "sign": theirs }), &named, true, true),
            (json!({ "mode": "authcrypt", "sign": theirs, "hide": true }), &named, true, true),
            (json!({ "mode": "anoncrypt" }), &unnamed, false, false),
            (
                json!({ "mode": "anoncrypt", "encryption": "A256GCM_ECDH_ES_A256KW" }),
                &unnamed,
                false,
                false,
            ),
            (
                json!({ "mode": "anoncrypt", "encryption": "A256CBC_HS512_ECDH_ES_A256KW" }),
                &unnamed,
                false,
                false,
            ),
            (json!({ "mode": "signed" }), &named, false, true),
        ];
        for (mut request, message, proves_sender, is_signed) in cases {
            let case = request.to_string();
            request["op"] = json!("pack");
            request["message"] = message.clone();
            request["from"] = json!(theirs);
            request["to"] = json!(ours.did());
            let envelope = peer.ask(request).await.unwrap();
            let opened = opened(envelope["packed"].as_str().unwrap(), &ours, &their_document);

            let plaintext: Value = serde_json::from_slice(&opened.plaintext).unwrap();
            assert_eq!(plaintext["body"], message["body"], "{case}");
            let sender = opened.sender_did.as_deref();
            assert_eq!(sender, proves_sender.then_some(theirs.as_str()), "{case}");
            assert_eq!(opened.signed_by.is_some(), is_signed, "{case}");
        }
    }
}

#[tokio::test]
async fn theirs_open_what_ours_pack() {
    let mut peer = DidcommPeer::start().unwrap();
    let theirs = peer.new_did().await.unwrap();
    let to = resolved(&theirs);

    for ours in [Ours::peer_2(), Ours::peer_4()] {
        let named = ping(Some(ours.did()), &theirs);
        let named_bytes = named.to_string().into_bytes();
        let unnamed_bytes = ping(None, &theirs).to_string().into_bytes();
        let from = (&ours.document, &ours.agreement);
        let authcrypt =
            |signer, hide| DidcommCrate.authcrypt(&named_bytes, from, &to, signer, hide).unwrap();
        let anoncrypt = |enc| DidcommCrate.anoncrypt(&unnamed_bytes, &to, None, enc).unwrap();
        let signed = DidcommCrate.sign(&named_bytes, (&ours.document, &ours.signing)).unwrap();
        // encrypted, authenticated, signed, anonymous: in the words of the Python package
        let cases = [
            ("authcrypt", authcrypt(None, false), [true, true, false, false]),
            ("authcrypt, hidden", authcrypt(None, true), [true, true, false, true]),
            ("signed, authcrypt", authcrypt(Some(&ours.signing), false), [true, true, true, false]),
            ("anoncrypt A256CBC-HS512", anoncrypt(Enc::A256CbcHs512), [true, false, false, true]),
            ("anoncrypt A256GCM", anoncrypt(Enc::A256Gcm), [true, false, false, true]),
            ("anoncrypt XC20P", anoncrypt(Enc::Xc20p), [true, false, false, true]),
            ("signed", signed, [false, true, true, false]),
        ];
        for (case, packed, expected) in cases {
            let packed = String::from_utf8(packed).unwrap();
            let opened = peer.ask(json!({ "op": "unpack", "packed": packed })).await.unwrap();
            assert_eq!(opened["message"]["body"], named["body"], "{case}");
            let metadata = &opened["metadata"];
            let seen = ["encrypted", "authenticated", "non_repudiation", "anonymous_sender"]
                .map(|name| metadata[name].as_bool().unwrap());
            assert_eq!(seen, expected, "{case}");
        }
    }
}
