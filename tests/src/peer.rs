//! A peer that is no agent: its own keys, its own envelopes, and an ear for what comes back.
//!
//! It can be honest, and connect as the specifications say; it can also send what no agent would.

use crate::jose::{Lie, Recipient};
use crate::{TestAgent, eventually};
use ed25519_dalek::SigningKey;
use picomesh_did_resolver::method::peer::{self, Purpose};
use picomesh_did_resolver::{DidDocument, PublicKey, Service, resolve_local};
use picomesh_didcomm::envelope::{self, Envelope, v1, v2};
use picomesh_pico::PicoId;
use rand_core::OsRng;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A listener that keeps what is posted to it and counts who comes.
pub struct Ear {
    /// `http://127.0.0.1:<port>`.
    pub url: String,
    accepted: Arc<AtomicUsize>,
    heard: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Ear {
    /// Listens and answers 202.
    pub async fn new() -> Self {
        Self::answering("202 Accepted").await
    }

    /// Listens and answers with this status; with an empty one it never answers.
    pub async fn answering(status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let accepted = Arc::new(AtomicUsize::new(0));
        let heard = Arc::new(Mutex::new(vec![]));
        let ear = Self { url, accepted: accepted.clone(), heard: heard.clone() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                accepted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(hear(stream, status, heard.clone()));
            }
        });
        ear
    }

    /// How many connections were accepted.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// The bodies that were posted, in their order.
    pub fn heard(&self) -> Vec<Vec<u8>> {
        self.heard.lock().unwrap().clone()
    }
}

async fn hear(mut stream: TcpStream, status: &str, heard: Arc<Mutex<Vec<Vec<u8>>>>) -> Option<()> {
    let (mut bytes, mut chunk) = (vec![], [0; 16_384]);
    let (start, length) = loop {
        let read = stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length = head.split("content-length:").nth(1)?.lines().next()?.trim().parse();
        let length: usize = length.ok()?;
        break (end + 4, length);
    };
    while bytes.len() < start + length {
        let read = stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
    }
    heard.lock().unwrap().push(bytes[start..].to_vec());
    if status.is_empty() {
        std::future::pending::<()>().await;
    }
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.ok()
}

/// What the agent answered at its door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// A peer with keys for both generations of DIDComm.
pub struct Peer {
    /// Where it listens.
    pub ear: Ear,
    /// Its key of DIDComm v1; it signs in v2.
    pub key: SigningKey,
    /// That key's public half in base58.
    pub verkey: String,
    /// Its did:peer:4 of DIDComm v1, with its document.
    pub did_v1: String,
    /// Its did:peer:2 of DIDComm v2.
    pub did: String,
    /// The document of that.
    pub document: DidDocument,
    /// Its key of DIDComm v2.
    pub secret: [u8; 32],
    client: reqwest::Client,
}

/// The agent's end of a connection with a peer.
pub struct Link {
    /// The connection's id at the agent.
    pub id: String,
    /// The agent's key on it: the verkey (v1) or the DID (v2).
    pub theirs: String,
}

impl Default for Lie<'_> {
    fn default() -> Self {
        Self::anonymous()
    }
}

impl Peer {
    /// A peer with fresh keys that listens.
    pub async fn new() -> Self {
        Self::at(Ear::new().await).await
    }

    /// A peer with fresh keys and this ear.
    pub async fn at(ear: Ear) -> Self {
        let endpoint = ear.url.clone();
        Self::with_endpoint(ear, &endpoint).await
    }

    /// A peer that says that it listens elsewhere.
    pub async fn with_endpoint(ear: Ear, endpoint: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let key = SigningKey::generate(&mut OsRng);
        let secret = x25519_dalek::StaticSecret::random_from_rng(OsRng);
        let agreement = x25519_dalek::PublicKey::from(&secret).to_bytes();
        let public = key.verifying_key().to_bytes();
        let keys = [
            (Purpose::Verification, PublicKey::Ed25519(public)),
            (Purpose::Encryption, PublicKey::X25519(agreement)),
        ];
        let service = Service {
            kind: "DIDCommMessaging".into(),
            endpoint: endpoint.into(),
            accept: vec!["didcomm/v2".into()],
            ..Service::default()
        };
        let did = peer::create_2(&keys, &[service]).unwrap();
        let document = resolve_local(&did).unwrap().unwrap();
        let multibase = PublicKey::Ed25519(public).to_multibase();
        let four = peer::create_4(&json!({
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "verificationMethod":
                [{ "id": "#key-0", "type": "Multikey", "publicKeyMultibase": multibase }],
            "authentication": ["#key-0"],
            "keyAgreement": ["#key-0"],
            "service": [{
                "id": "#didcomm-0", "type": "did-communication", "priority": 0,
                "recipientKeys": ["#key-0"], "routingKeys": [], "serviceEndpoint": endpoint,
            }],
        }));
        Self {
            ear,
            verkey: bs58::encode(public).into_string(),
            key,
            did_v1: four.unwrap().long.to_string(),
            did: did.to_string(),
            document,
            secret: secret.to_bytes(),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// The DID URL of its key of DIDComm v2.
    pub fn kid(&self) -> String {
        self.document.key_agreement_keys().next().unwrap().id.clone()
    }

    /// The DID URL of its signing key of DIDComm v2.
    pub fn signing_kid(&self) -> String {
        self.document.authentication_keys().next().unwrap().id.clone()
    }

    /// A message packed by authcrypt of v1.
    pub fn pack_v1(&self, to: &str, message: &Value) -> Vec<u8> {
        v1::pack(message.to_string().as_bytes(), &[verkey(to)], Some(&self.key), &mut OsRng)
            .unwrap()
    }

    /// A message packed by authcrypt of v2; `from`, `to` and `id` are written if they are not there.
    pub fn pack_v2(&self, to: &str, message: &Value) -> Vec<u8> {
        let message = self.addressed(to, message);
        Lie::from(&self.kid(), self.secret).encrypt(message.as_bytes(), &agreement(to).recipient())
    }

    /// The plaintext of a v2 message, honestly addressed where it says nothing else.
    pub fn addressed(&self, to: &str, message: &Value) -> String {
        let mut message = message.clone();
        for (name, value) in
            [("id", json!(fresh_id())), ("from", json!(self.did)), ("to", json!([to]))]
        {
            if message.get(name).is_none() {
                message[name] = value;
            }
        }
        message.to_string()
    }

    /// Posts bytes to the agent's door for envelopes.
    pub async fn post(&self, agent: &TestAgent, envelope: Vec<u8>) -> Reply {
        self.post_as(agent, "application/didcomm-encrypted+json", envelope).await
    }

    /// As [`Peer::post`], with a media type.
    pub async fn post_as(&self, agent: &TestAgent, media_type: &str, body: Vec<u8>) -> Reply {
        let url = format!("http://{}/didcomm", agent.address);
        let request = self.client.post(url).header("content-type", media_type).body(body);
        let answer = request.send().await.unwrap();
        Reply { status: answer.status().as_u16(), body: answer.text().await.unwrap() }
    }

    /// What was heard, opened: the sender's key and the message. Of v1 and v2.
    pub fn messages(&self) -> Vec<(String, Value)> {
        self.ear.heard().iter().map(|envelope| self.open(envelope)).collect()
    }

    /// The messages of one name among those heard.
    pub fn messages_named(&self, name: &str) -> Vec<Value> {
        let kind = |message: &Value| {
            let kind = message.get("@type").or_else(|| message.get("type"));
            kind.and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let all = self.messages().into_iter().map(|(_, message)| message);
        all.filter(|message| kind(message).ends_with(name)).collect()
    }

    fn open(&self, bytes: &[u8]) -> (String, Value) {
        match envelope::parse(bytes).unwrap() {
            Envelope::V1(envelope) => {
                let opened = v1::open(&envelope, &self.verkey, &self.key).unwrap();
                let sender = opened.sender.map(|key| bs58::encode(key).into_string());
                let message = serde_json::from_slice(&opened.plaintext).unwrap();
                (sender.unwrap_or_default(), message)
            }
            Envelope::V2(envelope) => {
                let key = v2::SecretKey::X25519(self.secret);
                let secrets = [v2::Secret { kid: self.kid(), key }];
                let sender = envelope.sender_kid().unwrap().split('#').next().unwrap().to_owned();
                let document = resolve_local(&sender.parse().unwrap()).unwrap().unwrap();
                let opened = v2::open(&envelope, &secrets, &[&document]).unwrap();
                (sender, serde_json::from_slice(&opened.plaintext).unwrap())
            }
            Envelope::Signed(_) | Envelope::Plain(_) => panic!("not encrypted"),
            _ => panic!("of no generation that we know"),
        }
    }

    /// Connects with a pico by DID Exchange 1.1, over DIDComm v1.
    pub async fn connect_v1(&self, agent: &TestAgent, pico: &PicoId) -> Link {
        let invited = invite(agent, pico, "didexchange/1.1").await;
        let (to, pthid) = (invited["verkey"].as_str().unwrap(), &invited["invitation_id"]);
        let thid = fresh_id();
        let request = json!({
            "@type": "https://didcomm.org/didexchange/1.1/request", "@id": thid,
            "~thread": { "thid": thid, "pthid": pthid }, "label": "peer", "did": self.did_v1,
        });
        assert_eq!(self.post(agent, self.pack_v1(to, &request)).await.status, 202);
        let theirs = eventually("the response", async || {
            let all = self.messages();
            let response = all.iter().find(|(_, message)| message["~thread"]["thid"] == thid)?;
            let did = response.1["did"].as_str()?.to_owned();
            let document = resolve_local(&did.parse().unwrap()).unwrap().unwrap();
            let key = document.recipient_ed25519_keys(document.didcomm_service()?);
            Some(bs58::encode(key[0]).into_string())
        })
        .await;
        let complete = json!({
            "@type": "https://didcomm.org/didexchange/1.1/complete", "@id": fresh_id(),
            "~thread": { "thid": thid, "pthid": pthid },
        });
        assert_eq!(self.post(agent, self.pack_v1(&theirs, &complete)).await.status, 202);
        let id = invited["connection_id"].as_str().unwrap().to_owned();
        let now = connection(agent, pico, &id).await;
        assert_eq!(now["state"], "completed", "{now}");
        Link { id, theirs }
    }

    /// Connects with a pico by Out-of-Band 2.0, over DIDComm v2.
    pub async fn connect_v2(&self, agent: &TestAgent, pico: &PicoId) -> Link {
        let invited = invite(agent, pico, "out-of-band/2.0").await;
        let theirs = invited["did"].as_str().unwrap().to_owned();
        let ping = json!({
            "type": "https://didcomm.org/trust-ping/2.0/ping", "pthid": invited["invitation_id"],
            "body": { "response_requested": false },
        });
        assert_eq!(self.post(agent, self.pack_v2(&theirs, &ping)).await.status, 202);
        let all = connections(agent, pico).await;
        let mine = |one: &&Value| one["their_did"] == json!(self.did);
        let found = all.as_array().unwrap().iter().find(mine).unwrap();
        Link { id: found["id"].as_str().unwrap().to_owned(), theirs }
    }
}

/// The agent's agreement key behind a did:peer:2.
pub struct Agreement {
    kid: String,
    key: [u8; 32],
}

impl Agreement {
    /// As a recipient of an envelope.
    pub fn recipient(&self) -> Recipient<'_> {
        Recipient { kid: &self.kid, key: self.key }
    }
}

/// The key to which envelopes for a DID go.
pub fn agreement(did: &str) -> Agreement {
    let document = resolve_local(&did.parse().unwrap()).unwrap().unwrap();
    let method = document.key_agreement_keys().next().unwrap();
    let PublicKey::X25519(key) = method.key else { panic!("no X25519 key") };
    Agreement { kid: method.id.clone(), key }
}

/// The bytes of a base58 verkey.
pub fn verkey(base58: &str) -> [u8; 32] {
    bs58::decode(base58).into_vec().unwrap().try_into().unwrap()
}

/// An id that nobody had before.
pub fn fresh_id() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("m-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A text of Basic Message 1.0.
pub fn text_v1(content: &str) -> Value {
    json!({
        "@type": "https://didcomm.org/basicmessage/1.0/message", "@id": fresh_id(),
        "sent_time": "2024-01-01T00:00:00Z", "content": content,
    })
}

/// A text of Basic Message 2.0.
pub fn text_v2(content: &str) -> Value {
    json!({
        "type": "https://didcomm.org/basicmessage/2.0/message", "id": fresh_id(),
        "body": { "content": content },
    })
}

/// Makes an invitation of a pico.
pub async fn invite(agent: &TestAgent, pico: &PicoId, protocol: &str) -> Value {
    let command = ("connections", "create_invitation");
    agent.directive(pico, command, json!({ "protocol": protocol }), "invitation").await
}

/// A connection of a pico.
pub async fn connection(agent: &TestAgent, pico: &PicoId, id: &str) -> Value {
    agent.query(pico, "picomesh.connections", "connection", json!({ "id": id })).await
}

/// The connections of a pico.
pub async fn connections(agent: &TestAgent, pico: &PicoId) -> Value {
    agent.query(pico, "picomesh.connections", "connections", json!({ "limit": 500 })).await
}

/// The texts that a pico has.
pub async fn texts(agent: &TestAgent, pico: &PicoId) -> Vec<String> {
    let all =
        agent.query(pico, "picomesh.basic-message", "messages", json!({ "limit": 500 })).await;
    let content = |one: &Value| one["content"].as_str().unwrap().to_owned();
    all.as_array().unwrap().iter().map(content).collect()
}
