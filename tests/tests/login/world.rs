//! An agent with an issuer, a wallet and an OpenID provider; a relying party.

use crate::browser::Browser;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use picomesh_pico::PicoId;
use picomesh_tests::{Engine, Home, TestAgent, eventually};
use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use serde_json::{Value, json};

pub(crate) const REDIRECT: &str = "https://shop.example/cb";
pub(crate) const SECRET: &str = "secret-secret-secret-secret-secret-secret";
/// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// What came back.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) body: String,
    pub(crate) headers: reqwest::header::HeaderMap,
}

impl Reply {
    pub(crate) async fn of(response: reqwest::Response) -> Self {
        let headers = response.headers().clone();
        let location = headers.get(LOCATION).map_or("", |value| value.to_str().unwrap());
        Self {
            status: response.status().as_u16(),
            location: location.to_owned(),
            headers: headers.clone(),
            body: response.text().await.unwrap(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// Everything but the browser.
pub(crate) struct World {
    home: Home,
    agent: TestAgent,
    pub(crate) root: PicoId,
    wallet: PicoId,
    client: reqwest::Client,
    pub(crate) base: String,
    pub(crate) issuer: String,
}

pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder().redirect(Policy::none()).no_proxy().build().unwrap()
}

impl World {
    /// A wallet holds the credential of a permanent resident; the shop logs residents in.
    pub(crate) async fn start(engine: Engine) -> Self {
        let home = Home::new(engine).await;
        let agent = home.start().await;
        let (issuer_did, wallet) = issued(&agent).await;
        let root = agent.agent.engine.root().clone();
        let base = agent.public_url.as_str().trim_end_matches('/').to_owned();
        let issuer = base.clone();
        let world = Self { home, agent, root, wallet, client: client(), base, issuer };
        world.put("put_policy", policy("resident", &issuer_did)).await;
        world.put("put_client", shop("shop")).await;
        world.put("put_client", shop("other")).await;
        eventually("the signing keys", async || {
            (world.get("/jwks").await.status == 200).then_some(())
        })
        .await;
        world
    }

    pub(crate) async fn put(&self, name: &str, attrs: Value) {
        let answer = self.agent.event(&self.root, "login", name, attrs).await;
        assert_eq!(answer.fault, None);
    }

    /// The same agent, on what it stored; the issuer keeps its name although the port changes.
    pub(crate) async fn restart(self) -> Self {
        let Self { home, agent, root, wallet, client, issuer, .. } = self;
        agent.stop().await;
        let mut config = home.config();
        config.public_url = Some(issuer.parse().unwrap());
        let agent = home.start_with(config).await;
        let base = format!("http://{}", agent.address);
        Self { home, agent, root, wallet, client, base, issuer }
    }

    pub(crate) async fn stop(self) {
        self.agent.stop().await;
        drop(self.home);
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        let sent = self.client.get(format!("{}{path}", self.base)).send().await;
        Reply::of(sent.unwrap()).await
    }

    /// The wallet opens the short URL, as after scanning the QR code.
    pub(crate) async fn fetch_invitation(&self, sid: &str) -> Value {
        let fetched = self.open(sid, "application/json").await;
        assert_eq!(fetched.status, 200, "{}", fetched.body);
        fetched.json()
    }

    pub(crate) async fn open(&self, sid: &str, accept: &str) -> Reply {
        let request = self.client.get(format!("{}/p/{sid}", self.base)).header("accept", accept);
        Reply::of(request.send().await.unwrap()).await
    }

    pub(crate) fn match_number(&self, request: &Value) -> String {
        let comment = request["comment"].as_str().unwrap();
        let digits: String = comment.chars().filter(char::is_ascii_digit).collect();
        assert_eq!(digits.len(), 2, "{comment}");
        digits
    }

    /// The wallet answers with what it holds.
    pub(crate) async fn present(&self, invitation: &Value) {
        let auto = json!({ "auto_present": true });
        self.agent.event(&self.wallet, "present_proof", "configure", auto).await;
        self.receive(invitation).await;
    }

    async fn receive(&self, invitation: &Value) {
        let attrs = json!({ "invitation": invitation });
        let answer =
            self.agent.event(&self.wallet, "connections", "receive_invitation", attrs).await;
        assert_eq!(answer.fault, None);
    }

    pub(crate) async fn decline(&self, invitation: &Value) {
        self.receive(invitation).await;
        let rid = "picomesh.present-proof";
        let id = eventually("the request", async || {
            let found = self.agent.query(&self.wallet, rid, "exchanges", json!({})).await;
            let exchanges = found["exchanges"].as_array()?.clone();
            let open = exchanges.iter().find(|one| one["state"] == "request-received")?;
            Some(open["id"].clone())
        })
        .await;
        let attrs = json!({ "id": id, "reason": "no" });
        let answer = self.agent.event(&self.wallet, "present_proof", "decline", attrs).await;
        assert_eq!(answer.fault, None);
    }

    /// A whole login in a browser, up to the code.
    pub(crate) async fn prove(&self, browser: &mut Browser) -> String {
        let sid = browser.authorize(&[]).await;
        let invitation = self.fetch_invitation(&sid).await;
        self.present(&invitation).await;
        browser.until(&sid, "verified").await;
        parameter(&browser.go_on(&sid).await.location, "code").unwrap()
    }

    /// The shop changes its code into tokens, as it should.
    pub(crate) async fn redeem(&self, code: &str) -> Reply {
        self.token("shop", &[("code", code)]).await
    }

    /// A token request of a client, with some parameters set otherwise; empty ones left out.
    pub(crate) async fn token(&self, client: &str, changes: &[(&str, &str)]) -> Reply {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        change(&mut form, changes);
        let basic = STANDARD.encode(format!("{client}:{SECRET}"));
        let request = self.client.post(format!("{}/token", self.base));
        let request = request.header("authorization", format!("Basic {basic}"));
        Reply::of(self.form(request, &form).await).await
    }

    /// A token request that is written out.
    pub(crate) async fn raw_token(
        &self,
        path: &str,
        authorization: Option<&str>,
        form: &[(&str, &str)],
    ) -> Reply {
        let mut request = self.client.post(format!("{}{path}", self.base));
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        Reply::of(self.form(request, form).await).await
    }

    async fn form(
        &self,
        request: reqwest::RequestBuilder,
        form: &[(&str, &str)],
    ) -> reqwest::Response {
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.body(encoded(form)).send().await.unwrap()
    }

    pub(crate) async fn userinfo(&self, access_token: &str) -> Reply {
        let request = self.client.get(format!("{}/userinfo", self.base));
        let request = request.header("authorization", format!("Bearer {access_token}"));
        Reply::of(request.send().await.unwrap()).await
    }

    /// An event by a channel, as a stranger who knows an open channel sends it.
    pub(crate) async fn channel_event(&self, domain: &str, name: &str, attrs: &Value) -> Reply {
        let policy = json!({
            "tags": ["open"],
            "event_policy": { "allow": [{ "domain": "*", "name": "*" }], "deny": [] },
        });
        let made =
            self.agent.directive(&self.root, ("pico", "create_channel"), policy, "channel").await;
        let eci = made["eci"].as_str().unwrap();
        let url = format!("{}/c/{eci}/event-wait/{domain}/{name}", self.base);
        let request = self.client.post(url).header("content-type", "application/json");
        Reply::of(request.body(attrs.to_string()).send().await.unwrap()).await
    }
}

/// A relying party.
pub(crate) fn shop(id: &str) -> Value {
    json!({
        "client_id": id,
        "client_name": "The Shop",
        "client_secret": SECRET,
        "redirect_uris": [REDIRECT],
        "post_logout_redirect_uris": ["https://shop.example/bye"],
        "id_token_signed_response_alg": "EdDSA",
        "policies": ["resident"],
    })
}

/// Residents, known by their DID.
pub(crate) fn policy(id: &str, issuer: &str) -> Value {
    json!({
        "id": id,
        "name": "Permanent resident",
        "presentation_definition": {
            "id": "32f54163-7166-48f1-93d8-ff217bdb0653",
            "input_descriptors": [{
                "id": "resident",
                "schema": [{ "uri": "https://w3id.org/citizenship#PermanentResident" }],
                "constraints": { "fields": [{ "path": ["$.credentialSubject.familyName"] }] },
            }],
        },
        "trusted_issuers": [issuer],
        "claims": { "family_name": "$.credentialSubject.familyName" },
        "subject": { "claim": "$.credentialSubject.id" },
    })
}

/// Issues a credential from one pico to another; the issuer's DID and the holder.
async fn issued(agent: &TestAgent) -> (String, PicoId) {
    let issuer = agent.create_pico("issuer").await;
    let wallet = agent.create_pico("wallet").await;
    let auto = json!({ "auto_accept_offers": true });
    agent.event(&wallet, "issue_credential", "configure", auto).await;
    let create = ("connections", "create_invitation");
    let invitation = agent.directive(&issuer, create, json!({}), "invitation").await;
    let url = json!({ "url": invitation["url"] });
    agent.event(&wallet, "connections", "receive_invitation", url).await;
    let connection = eventually("a connection", async || {
        let args = json!({ "state": "completed" });
        let found = agent.query(&issuer, "picomesh.connections", "connections", args).await;
        let list = found.as_array().or_else(|| found["connections"].as_array())?;
        Some(list.first()?["id"].clone())
    })
    .await;
    let offer = json!({
        "connection": connection,
        "credential": {
            "@context": [
                "https://www.w3.org/2018/credentials/v1",
                "https://w3id.org/citizenship/v1",
            ],
            "type": ["VerifiableCredential", "PermanentResident"],
            "credentialSubject": {
                "type": ["PermanentResident"],
                "givenName": "JANE",
                "familyName": "SMITH",
            },
        },
        "options": { "proofType": "Ed25519Signature2018" },
    });
    agent.directive(&issuer, ("issue_credential", "send_offer"), offer, "exchange").await;
    let held = eventually("the credential", async || {
        let held = agent.query(&wallet, "picomesh.credentials", "credentials", json!({})).await;
        held["credentials"].as_array()?.first().cloned()
    })
    .await;
    (held["issuer"].as_str().unwrap().to_owned(), wallet)
}

pub(crate) fn change<'a>(pairs: &mut Vec<(&'a str, &'a str)>, changes: &[(&'a str, &'a str)]) {
    pairs.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    pairs.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
}

pub(crate) fn encoded(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// A parameter of a URL's query.
pub(crate) fn parameter(location: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(location).ok()?;
    let mut pairs = url.query_pairs();
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The claims of a JWT; its signature is tested by those who own it.
pub(crate) fn claims_of(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}
