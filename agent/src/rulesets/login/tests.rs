//! Logins over a real engine on the embedded database, with given times and given verdicts.
#![allow(clippy::unwrap_used, clippy::panic, clippy::wildcard_enum_match_arm)]

mod settings;
mod times;
mod verdicts;

use super::authority::Keys;
use crate::config;
use crate::engine::{Answer, Clock, Engine, Work};
use crate::rulesets::{Setting, present_proof, registry};
use crate::store::Store;
use picomesh_did_resolver::method::key::naked_key;
use picomesh_pico::{Event, Origin, Query, Rid};
use serde_json::{Map, Value, json};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

const START: i64 = 1_700_000_000_000;
const ISSUER: &str = "https://op.example";
const SECRET: &str = "secret-secret-secret-secret-secret-secret";
const COOKIE: &str = "cookie-cookie-cookie-cookie-cookie-cookie-0";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const WALLET: &str = "9hSR6S7WPtxmTojgo6GG3k4yDPecgJY292j7xrsUGWBu";
const REQUEST: &str = "client_id=shop&redirect_uri=https%3A%2F%2Fshop.example%2Fcb\
    &response_type=code&scope=openid&state=s&nonce=n\
    &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

/// RSA takes its time: one set for all tests.
static KEYS: LazyLock<Value> =
    LazyLock::new(|| serde_json::to_value(Keys::generate(&[7; 32]).unwrap()).unwrap());

/// A provider with one client and one policy, and a clock that stands until it is set.
struct Op {
    engine: Engine,
    time: Arc<AtomicI64>,
    _data: tempfile::TempDir,
}

/// A login that waits for its wallet.
struct Waiting {
    sid: String,
    invitation: Value,
    request: Value,
}

impl Op {
    async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let directory = data.path().to_str().unwrap().to_owned();
        let flag = move |key: &str| (key == "data").then(|| directory.clone());
        let config = config::load(&flag, &|_| None, None).unwrap();
        let (store, _) = Store::open(&config).await.unwrap();
        let setting = Setting {
            endpoint: "https://op.example/didcomm".parse().unwrap(),
            public_url: ISSUER.parse().unwrap(),
            label: "Test".into(),
        };
        let time = Arc::new(AtomicI64::new(START));
        let clock = Clock::Given(time.clone());
        let engine = Engine::start(store, registry(setting), Work::default(), clock, 1024);
        let op = Self { engine: engine.await.unwrap(), time, _data: data };
        op.done("put_keys", KEYS.clone()).await;
        op.done("put_policy", policy()).await;
        op.done("put_client", client()).await;
        op
    }

    fn set(&self, seconds: i64) {
        self.time.store(START + seconds * 1000, Ordering::SeqCst);
    }

    async fn raise(&self, domain: &str, name: &str, attrs: Value, origin: Origin) -> Answer {
        let (domain, name) = (domain.into(), name.into());
        let attrs = object(attrs);
        let event = Event {
            id: "e".into(),
            domain,
            name,
            attrs,
            origin,
            eci: None,
            once: None,
            for_rid: None,
            at: None,
        };
        self.engine.event(self.engine.root(), event).await.unwrap()
    }

    /// An event of the doors.
    async fn tell(&self, name: &str, attrs: Value) -> Answer {
        self.raise("login", name, attrs, Origin::Engine).await
    }

    async fn done(&self, name: &str, attrs: Value) -> Answer {
        let answer = self.tell(name, attrs).await;
        assert_eq!(answer.fault, None, "{name}");
        answer
    }

    /// Why an event was refused.
    async fn refused(&self, name: &str, attrs: Value) -> String {
        let answer = self.tell(name, attrs).await;
        answer.fault.unwrap_or_else(|| panic!("{name} was done")).fault.to_string()
    }

    async fn ask(&self, rid: &str, name: &str, args: Value) -> Result<Value, String> {
        let query = Query { rid: Rid::parse(rid).unwrap(), name: name.into(), args: object(args) };
        let answer = self.engine.query(self.engine.root(), query).await;
        answer.map_err(|error| error.to_string())
    }

    async fn open(&self) -> Waiting {
        let attrs = json!({ "parameters": REQUEST, "cookie": COOKIE });
        let answer = self.done("open", attrs).await;
        let sid = answer.directive("opened").unwrap()["sid"].as_str().unwrap().to_owned();
        let args = json!({ "sid": sid, "device": "d" });
        let found = self.ask(super::RID, "invitation", args).await.unwrap();
        let invitation = found["invitation"].clone();
        let request = invitation["requests~attach"][0]["data"]["json"].clone();
        Waiting { sid, invitation, request }
    }

    async fn state(&self, sid: &str) -> String {
        let args = json!({ "sid": sid, "cookie": COOKIE });
        let found = self.ask(super::RID, "status", args).await;
        found.map_or_else(
            |error| error,
            |found| found["status"]["state"].as_str().unwrap().to_owned(),
        )
    }

    /// The wallet's answer arrives, as the receiver of envelopes hands it over.
    async fn present(&self, waiting: &Waiting) -> Answer {
        let did_key = &waiting.invitation["services"][0]["recipientKeys"][0];
        let key = naked_key(did_key.as_str().unwrap()).unwrap();
        let message = json!({
            "@type": "https://didcomm.org/present-proof/2.0/presentation",
            "@id": "m-1",
            "~thread": { "thid": waiting.request["@id"], "pthid": waiting.invitation["@id"] },
            "formats": [{
                "attach_id": "a",
                "format": "dif/presentation-exchange/submission@v1.0",
            }],
            "presentations~attach": [{
                "@id": "a", "mime-type": "application/json", "data": { "json": {} },
            }],
        });
        let attrs = json!({
            "message": message,
            "my_did": did_key.as_str().unwrap().split('#').next(),
            "recipient_kid": bs58::encode(key).into_string(),
            "sender": WALLET,
        });
        self.raise("didcomm_present_proof", "presentation", attrs, Origin::Peer).await
    }

    /// The word of present-proof.
    async fn verdict(&self, name: &str, waiting: &Waiting, mut attrs: Value) -> Answer {
        attrs["thid"] = waiting.request["@id"].clone();
        let origin = Origin::Ruleset(Rid::literal(present_proof::RID));
        self.raise("present_proof", name, attrs, origin).await
    }

    /// A login up to its verified proof.
    async fn verified(&self) -> Waiting {
        let waiting = self.open().await;
        assert_eq!(self.present(&waiting).await.fault, None);
        assert_eq!(self.verdict("verified", &waiting, good(&waiting)).await.fault, None);
        assert_eq!(self.state(&waiting.sid).await, "verified");
        waiting
    }

    async fn leave(&self, sid: &str, way: &str) -> Answer {
        let args = json!({ "sid": sid, "cookie": COOKIE });
        let page = self.ask(super::RID, "session", args.clone()).await.unwrap();
        let mut attrs = args;
        attrs["token"] = page["form_token"].clone();
        self.tell(way, attrs).await
    }

    async fn code(&self, sid: &str) -> String {
        let answer = self.leave(sid, "continue").await;
        parameter(&answer, "code").unwrap()
    }

    async fn redeem(&self, code: &str) -> Value {
        let form = format!(
            "grant_type=authorization_code&redirect_uri=https%3A%2F%2Fshop.example%2Fcb\
             &code_verifier={VERIFIER}&client_id=shop&client_secret={SECRET}&code={code}"
        );
        let answer = self.done("token", json!({ "form": form })).await;
        answer.directive("token").unwrap().clone()
    }

    async fn access(&self, token: &Value) -> Value {
        let fingerprint = picomesh_login::Fingerprint::of(token.as_str().unwrap());
        self.ask(super::RID, "access", json!({ "token": fingerprint })).await.unwrap()
    }

    /// Waits until nothing is due any more.
    async fn swept(&self) {
        for _ in 0..100 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let left = self.ask("picomesh.pico", "schedules", json!({})).await.unwrap();
            if left.as_array().unwrap().is_empty() {
                return;
            }
            // The sweep stops at what is due later.
            let next = left[0]["due_at"].as_i64().unwrap();
            if next > self.engine.clock().now() {
                return;
            }
        }
        panic!("the sweep does not end");
    }
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn client() -> Value {
    json!({
        "client_id": "shop",
        "client_name": "The Shop",
        "client_secret": SECRET,
        "token_endpoint_auth_method": "client_secret_post",
        "redirect_uris": ["https://shop.example/cb"],
        "policies": ["staff"],
    })
}

fn policy() -> Value {
    json!({
        "id": "staff",
        "name": "Staff card",
        "presentation_definition": {
            "id": "32f54163-7166-48f1-93d8-ff217bdb0653",
            "input_descriptors": [{
                "id": "card",
                "schema": [{ "uri": "https://w3id.org/citizenship#PermanentResident" }],
                "constraints": { "fields": [{ "path": ["$.credentialSubject.name"] }] },
            }],
        },
        "trusted_issuers": ["did:example:issuer"],
        "claims": { "name": "$.credentialSubject.name" },
        "subject": { "claim": "$.credentialSubject.id" },
    })
}

/// A verdict in which everything is as it must be.
fn good(waiting: &Waiting) -> Value {
    let options = &waiting.request["request_presentations~attach"][0]["data"]["json"]["options"];
    json!({
        "report": {
            "verified": true,
            "checks": [
                { "name": "presentation-signature", "passed": true, "detail": "" },
                { "name": "credential[0]-signature", "passed": true, "detail": "" },
            ],
        },
        "presentation": {
            "type": ["VerifiablePresentation"],
            "verifiableCredential": [{
                "type": ["VerifiableCredential", "Staff"],
                "issuer": "did:example:issuer",
                "credentialSubject": { "id": "did:example:holder", "name": "Eve" },
            }],
            "proof": {
                "verificationMethod": "did:example:holder#1",
                "challenge": options["challenge"],
                "domain": options["domain"],
            },
        },
    })
}

/// A parameter of where the browser goes.
fn parameter(answer: &Answer, name: &str) -> Option<String> {
    let location = answer.directive("respond")?["location"].as_str()?;
    let url = url::Url::parse(location).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
