//! One provider, one client, one policy, for the tests of this crate.

use serde_json::json;

use crate::authorize;
use crate::client::Client;
use crate::code::Grant;
use crate::issuer::Issuer;
use crate::keys::{Algorithm, KeySet, SigningKey};
use crate::limits::AUTHORIZE_BYTES_MAX;
use crate::parameters::Parameters;
use crate::policy::{Policy, Presentation, ProvenCredential};
use crate::provider::Provider;
use crate::secret::{Private, from_base64url};

/// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// RFC 7636 appendix B.
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// 256 bits, as the agent makes it.
pub(crate) const COOKIE: &str = "cookie-cookie-cookie-cookie-cookie-cookie-43";

/// The key of RFC 8037 A.1, so that every call gives the same provider.
pub(crate) fn provider() -> Provider {
    let seed = from_base64url("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
    let mut pkcs8 = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    pkcs8.extend(seed);
    Provider {
        issuer: Issuer::parse("https://op.example").unwrap(),
        keys: KeySet::new(vec![SigningKey::from_pkcs8(Algorithm::EdDsa, &pkcs8).unwrap()]),
        subject_secret: [7; 32].into(),
    }
}

pub(crate) fn client() -> Client {
    let document = json!({
        "client_id": "shop",
        "client_name": "The Shop",
        "redirect_uris": ["https://shop.example/cb", "https://shop.example/cb?x=1"],
        "post_logout_redirect_uris": ["https://shop.example/bye"],
        "id_token_signed_response_alg": "EdDSA",
        "policies": ["staff", "guest"],
    });
    Client::register(document, &[1; 32]).unwrap().client
}

pub(crate) fn policy() -> Policy {
    named_policy("staff")
}

pub(crate) fn named_policy(id: &str) -> Policy {
    Policy::read(json!({
        "id": id,
        "name": "Staff card",
        "presentation_definition": {"id": "d", "input_descriptors": [{"id": "card"}]},
        "trusted_issuers": ["did:x:issuer"],
        "claims": {"name": "$.credentialSubject.name"},
        "subject": {"claim": "$.credentialSubject.number"},
    }))
    .unwrap()
}

pub(crate) fn parameters(pairs: &[(&str, &str)]) -> Parameters {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    Parameters::parse(query.as_bytes(), AUTHORIZE_BYTES_MAX).unwrap()
}

/// A good request, with some parameters set otherwise; an empty value leaves one out.
pub(crate) fn changed<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut pairs = vec![
        ("client_id", "shop"),
        ("redirect_uri", "https://shop.example/cb"),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "s t&a=te"),
        ("nonce", "n-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    pairs.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    pairs.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    pairs
}

pub(crate) fn authorize(pairs: &[(&str, &str)]) -> Result<authorize::Request, authorize::Refusal> {
    let policies = [named_policy("staff"), named_policy("guest"), named_policy("secret")];
    authorize::parse(&parameters(pairs), Some(&client()), &policies, &provider())
}

pub(crate) fn presentation(challenge: &str) -> Presentation {
    Presentation {
        challenge: challenge.into(),
        domain: Some("https://op.example".into()),
        holder: "did:x:holder".into(),
        credentials: vec![ProvenCredential {
            issuer: "did:x:issuer".into(),
            types: vec!["StaffCard".into()],
            document: Private(json!({"credentialSubject": {"name": "Eve", "number": "7"}})),
        }],
    }
}

pub(crate) fn grant() -> Grant {
    Grant {
        sub: "u".into(),
        sid: "sid-1".into(),
        nonce: Some("n-1".into()),
        scope: vec!["openid".into()],
        acr: "urn:picomesh:acr:vc:staff".into(),
        auth_time: 1000,
        policy: "staff".into(),
        issuers: vec!["did:x:issuer".into()],
        types: vec!["StaffCard".into()],
        claims: Private([("name".to_owned(), json!("Eve"))].into_iter().collect()),
    }
}

/// An expired ID token of ours.
pub(crate) fn id_token(aud: &str, sub: &str) -> String {
    let claims = json!({
        "iss": "https://op.example", "sub": sub, "aud": aud, "sid": "sid-1", "exp": 1,
    });
    provider().keys.signer(Algorithm::EdDsa).unwrap().sign(&claims).unwrap()
}
