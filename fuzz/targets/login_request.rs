//! What browsers and relying parties send to the login endpoints, as one form or query.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picomesh_login::authorize::{self, Refusal};
use picomesh_login::client_auth::Presented;
use picomesh_login::keys::{self, Algorithm, KeySet, SigningKey};
use picomesh_login::{Client, Issuer, Parameters, Policy, Provider, logout, token, userinfo};
use serde_json::{Value, json};
use std::sync::LazyLock;

const BYTES_MAX: usize = 16 * 1024;

static PROVIDER: LazyLock<Provider> = LazyLock::new(|| Provider {
    issuer: Issuer::parse("https://op.example").expect("an issuer"),
    keys: KeySet::new(vec![SigningKey::generate(Algorithm::EdDsa).expect("a key")]),
    subject_secret: [7; 32].into(),
});

static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let document = json!({
        "client_id": "shop",
        "client_name": "The Shop",
        "redirect_uris": ["https://shop.example/cb"],
        "post_logout_redirect_uris": ["https://shop.example/bye"],
        "id_token_signed_response_alg": "EdDSA",
        "policies": ["staff"],
    });
    Client::register(document, &[1; 32]).expect("a client").client
});

static POLICIES: LazyLock<Vec<Policy>> = LazyLock::new(|| {
    let document = json!({
        "id": "staff",
        "name": "Staff card",
        "presentation_definition": {"id": "d", "input_descriptors": [{"id": "card"}]},
        "trusted_issuers": ["did:x:issuer"],
        "claims": {"name": "$.credentialSubject.name"},
        "subject": {"claim": "$.credentialSubject.number"},
    });
    vec![Policy::read(document).expect("a policy")]
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = keys::open::<Value>(&PROVIDER.keys, text);
        let _ = userinfo::bearer(Some(text), None);
    }
    let Ok(parameters) = Parameters::parse(bytes, BYTES_MAX) else { return };
    let _ = authorize::client_id(&parameters);
    match authorize::parse(&parameters, Some(&CLIENT), &POLICIES, &PROVIDER) {
        Ok(request) => assert_eq!(request.client_id(), "shop"),
        // Nobody is sent anywhere but to the registered address.
        Err(Refusal::Respond(response)) => {
            assert!(response.location().starts_with("https://shop.example/cb"));
        }
        Err(Refusal::Page(_)) => {}
    }
    let _ = token::Request::parse(&parameters).map(|request| request.code());
    let _ = userinfo::bearer(None, Some(&parameters));
    if let Ok(request) = logout::parse(&parameters, &PROVIDER) {
        let _ = request.decide(Some(&CLIENT));
    }
    let header = parameters.one("authorization").ok().flatten();
    if let Ok(presented) = Presented::parse(header, &parameters) {
        assert!(presented.verify(&CLIENT).is_err(), "nobody guesses 256 bits");
    }
});
