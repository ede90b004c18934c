//! One provider and one client, and a login from request to tokens without any I/O.

use picomesh_login::authorize::{self, Refusal, Response};
use picomesh_login::keys::{KeySet, SigningKey, open};
use picomesh_login::limits::FORM_BYTES_MAX;
use picomesh_login::policy::{Presentation, ProvenCredential};
use picomesh_login::session::{Effect, Input, Opening};
use picomesh_login::{Client, Issuer, Parameters, Policy, Private, Provider, Session, code, token};
use serde_json::{Value, json};

pub(crate) const NOW: u64 = 1_700_000_000;
const COOKIE: &str = "cookie-cookie-cookie-cookie-cookie-cookie-43";
pub(crate) const SECRET: &str = "secret-secret-secret-secret-secret-secret";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const URI: &str = "https://rp.example/cb";

/// A provider and one client of it, with everything that an agent would keep for them.
pub(crate) struct World {
    pub(crate) provider: Provider,
    pub(crate) client: Client,
    pub(crate) policy: Policy,
}

/// What a relying party ends up with.
pub(crate) struct Login {
    pub(crate) id_token: Value,
    pub(crate) access: token::Access,
    pub(crate) body: Value,
    pub(crate) record: code::Record,
    pub(crate) request: token::Request,
}

impl World {
    pub(crate) fn new(changes: Value) -> Self {
        let algorithm = changes["id_token_signed_response_alg"].as_str().unwrap_or("EdDSA");
        let algorithm = serde_json::from_value(json!(algorithm)).unwrap();
        let mut document = json!({
            "client_id": "rp",
            "client_name": "RP",
            "redirect_uris": [URI, "https://rp.example/cb?foo=bar"],
            "client_secret": SECRET,
            "id_token_signed_response_alg": "EdDSA",
            "policies": ["person"],
        });
        for (name, value) in changes.as_object().unwrap() {
            document[name] = value.clone();
        }
        let policy = json!({
            "id": "person",
            "name": "Person",
            "presentation_definition": {"id": "d", "input_descriptors": [{"id": "p"}]},
            "trusted_issuers": ["did:x:issuer"],
            "claims": {"name": "$.credentialSubject.name"},
            "subject": {"claim": "$.credentialSubject.id"},
        });
        Self {
            provider: Provider {
                issuer: Issuer::parse("https://op.example").unwrap(),
                keys: KeySet::new(vec![SigningKey::generate(algorithm).unwrap()]),
                subject_secret: [7; 32].into(),
            },
            client: Client::register(document, &[0; 32]).unwrap().client,
            policy: Policy::read(policy).unwrap(),
        }
    }

    pub(crate) fn authorize(
        &self,
        changes: &[(&str, &str)],
    ) -> Result<authorize::Request, Refusal> {
        let mut pairs = vec![
            ("client_id", "rp"),
            ("redirect_uri", URI),
            ("response_type", "code"),
            ("scope", "openid"),
            ("state", "st"),
            ("nonce", "no"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        pairs.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        pairs.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
        let policies = std::slice::from_ref(&self.policy);
        authorize::parse(&form(&pairs), Some(&self.client), policies, &self.provider)
    }

    /// From a good request to the answer at the redirect URI, with a real wallet's part played.
    pub(crate) fn prove(&self, request: authorize::Request, seed: u8) -> (Response, code::Record) {
        let opening = Opening {
            id: [seed; 32],
            challenge: [seed; 32],
            cookie: COOKIE,
            invitation_id: "i".into(),
            thid: "t".into(),
        };
        let (client, policy, provider) = (&self.client, &self.policy, &self.provider);
        let step = Session::open(request, client, policy, provider, opening, NOW).unwrap();
        let presented =
            Input::Presented { thid: "t".into(), wallet: "k".into(), presentation: json!({}) };
        let step = step.session.step(presented, provider, NOW).unwrap();
        let [Effect::Check { challenge, domain, .. }] = &step.effects[..] else { panic!() };
        let proof = policy.accept(&Presentation {
            challenge: challenge.clone(),
            domain: domain.clone(),
            holder: "did:x:h".into(),
            credentials: vec![ProvenCredential {
                issuer: "did:x:issuer".into(),
                types: vec!["Person".into()],
                document: Private(json!({"credentialSubject": {"id": "did:x:h", "name": "Eve"}})),
            }],
        });
        let verified = Input::Verified(Box::new(proof.unwrap()));
        let step = step.session.step(verified, provider, NOW).unwrap();
        let continued = Input::Continued { cookie: COOKIE.into(), entropy: [seed; 32] };
        let step = step.session.step(continued, provider, NOW).unwrap();
        let mut effects = step.effects.into_iter().rev();
        let Some(Effect::Respond(response)) = effects.next() else { panic!() };
        let Some(Effect::StoreCode { record, .. }) = effects.next() else { panic!() };
        (response, *record)
    }

    pub(crate) fn login(&self, changes: &[(&str, &str)]) -> Login {
        let (response, record) = self.prove(self.authorize(changes).unwrap(), 5);
        let redirect_uri = response.redirect_uri.clone();
        let request = token::Request::parse(&form(&[
            ("grant_type", "authorization_code"),
            ("code", response.parameter("code").unwrap()),
            ("redirect_uri", &redirect_uri),
            ("code_verifier", VERIFIER),
        ]))
        .unwrap();
        let exchanged =
            token::exchange(record, &request, &self.client, &self.provider, &[6; 32], NOW).unwrap();
        let id_token = exchanged.body["id_token"].as_str().unwrap();
        let id_token = open(&self.provider.keys, id_token).unwrap();
        let (access, record) = (exchanged.access, exchanged.record);
        Login { id_token, access, body: exchanged.body, record, request }
    }

    pub(crate) fn error(&self, changes: &[(&str, &str)]) -> String {
        match self.authorize(changes) {
            Err(Refusal::Respond(response)) => response.parameter("error").unwrap().to_owned(),
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) fn form(pairs: &[(&str, &str)]) -> Parameters {
    let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    Parameters::parse(text.as_bytes(), FORM_BYTES_MAX).unwrap()
}
