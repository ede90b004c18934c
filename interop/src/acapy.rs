//! ACA-Py: a foreign agent that accepts everything by itself, driven through its admin API.
//!
//! Source: acapy-agent 1.7, admin API. It runs on the loopback interface, with no ledger, with
//! its wallet in a folder of its own, and reports to [`Webhooks`].

use std::process::Command;

use serde_json::{Value, json};

use crate::{Api, Error, Process, Result, Webhooks, free_port, installed, until};

const START_SECONDS_MAX: u64 = 60;
const EXCHANGE_SECONDS_MAX: u64 = 30;

const FLAGS: &str = "
    --no-ledger --outbound-transport http --admin-insecure-mode --auto-provision
    --wallet-type askar --log-level warning --preserve-exchange-records
    --auto-accept-invites --auto-accept-requests --auto-ping-connection
    --auto-respond-messages --monitor-ping
    --auto-respond-credential-proposal --auto-respond-credential-offer
    --auto-respond-credential-request --auto-store-credential
    --auto-respond-presentation-proposal --auto-respond-presentation-request
    --auto-verify-presentation";

/// One ACA-Py agent.
#[derive(Debug)]
pub struct Acapy {
    /// Its admin API.
    pub api: Api,
    /// What it reports.
    pub webhooks: Webhooks,
    process: Process,
}

impl Acapy {
    /// Starts an agent with an empty wallet.
    pub async fn start(name: &str) -> Result<Self> {
        let program = installed::from_variable("PICOMESH_TEST_ACAPY")?;
        let webhooks = Webhooks::start().await?;
        let (admin, inbound) = (free_port()?.to_string(), free_port()?.to_string());
        let endpoint = format!("http://127.0.0.1:{inbound}");
        let mut command = Command::new(program);
        command
            .arg("start")
            .args(FLAGS.split_whitespace())
            .args(["--label", name, "--wallet-name", name, "--wallet-key", &format!("key-{name}")])
            .args(["--inbound-transport", "http", "127.0.0.1", &inbound, "--endpoint", &endpoint])
            .args(["--admin", "127.0.0.1", &admin, "--webhook-url", webhooks.url()]);
        let mut process = Process::start(&format!("ACA-Py {name}"), &mut command)?;
        let api = Api::new(&format!("http://127.0.0.1:{admin}"))?;
        process
            .ready(START_SECONDS_MAX, async || match api.get("/status/ready").await {
                Ok(status) if status["ready"] == true => Ok(()),
                Ok(status) => Err(status.to_string()),
                Err(error) => Err(error.to_string()),
            })
            .await?;
        Ok(Self { api, webhooks, process })
    }

    /// What it wrote.
    #[must_use]
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// An out-of-band invitation (RFC 0434) for the given handshakes, say
    /// `https://didcomm.org/didexchange/1.1`; the answer has `invitation` and `invitation_url`.
    pub async fn create_invitation(&self, handshakes: &[&str]) -> Result<Value> {
        let body = json!({ "handshake_protocols": handshakes });
        self.api.post("/out-of-band/create-invitation?auto_accept=true", &body).await
    }

    /// Accepts an out-of-band invitation; the answer is its record, with a `connection_id`
    /// if the invitation leads to a connection.
    pub async fn receive_invitation(&self, invitation: &Value) -> Result<Value> {
        self.api.post("/out-of-band/receive-invitation?auto_accept=true", invitation).await
    }

    /// Waits until a connection is completed that belongs to this invitation.
    pub async fn connected(&self, invitation_id: &str) -> Result<String> {
        let path = format!("/connections?invitation_msg_id={invitation_id}");
        until("ACA-Py completing the connection", EXCHANGE_SECONDS_MAX, async || {
            let answer = self.api.get(&path).await?;
            let connection = &answer["results"][0];
            Ok(match connection["rfc23_state"].as_str() {
                Some("completed") => Ok(string(connection, "connection_id")?),
                _ => Err(answer.to_string()),
            })
        })
        .await
    }

    /// Sends a basic message (RFC 0095).
    pub async fn send_message(&self, connection_id: &str, content: &str) -> Result<()> {
        let path = format!("/connections/{connection_id}/send-message");
        self.api.post(&path, &json!({ "content": content })).await.map(drop)
    }

    /// Waits for a basic message that says exactly this.
    pub async fn message_received(&self, content: &str) -> Result<Value> {
        let is_wanted = |body: &Value| body["content"] == content;
        self.webhooks.wait("basicmessages", EXCHANGE_SECONDS_MAX, is_wanted).await
    }

    /// Sends a trust ping (RFC 0048) and waits for the answer.
    pub async fn ping(&self, connection_id: &str) -> Result<()> {
        let path = format!("/connections/{connection_id}/send-ping");
        let sent = self.api.post(&path, &json!({ "comment": "interop" })).await?;
        self.webhooks
            .wait("ping", EXCHANGE_SECONDS_MAX, |body| {
                body["thread_id"] == sent["thread_id"] && body["state"] == "response_received"
            })
            .await
            .map(drop)
    }

    /// Makes a `did:key` with an Ed25519 key in its wallet.
    pub async fn create_did_key(&self) -> Result<String> {
        let body = json!({ "method": "key", "options": { "key_type": "ed25519" } });
        string(&self.api.post("/wallet/did/create", &body).await?["result"], "did")
    }

    /// Offers a JSON-LD credential (RFC 0453, RFC 0593); the record of the exchange.
    pub async fn offer_credential(
        &self,
        connection_id: &str,
        credential: &Value,
        proof_type: &str,
    ) -> Result<Value> {
        let filter = json!({
            "ld_proof": { "credential": credential, "options": { "proofType": proof_type } }
        });
        let body = json!({ "connection_id": connection_id, "filter": filter });
        self.api.post("/issue-credential-2.0/send-offer", &body).await
    }

    /// Waits until the credential exchange of this thread is done; its record.
    pub async fn credential_done(&self, thread_id: &str) -> Result<Value> {
        self.exchange_done("issue-credential-2.0", thread_id, "cred_ex_record").await
    }

    /// Asks for a presentation (RFC 0454, RFC 0510); `dif` has `presentation_definition` and
    /// `options`.
    pub async fn request_presentation(&self, connection_id: &str, dif: &Value) -> Result<Value> {
        let body =
            json!({ "connection_id": connection_id, "presentation_request": { "dif": dif } });
        self.api.post("/present-proof-2.0/send-request", &body).await
    }

    /// The same without a connection: an out-of-band invitation that carries the request.
    pub async fn invite_to_present(&self, dif: &Value) -> Result<Value> {
        let request = json!({ "presentation_request": { "dif": dif } });
        let record = self.api.post("/present-proof-2.0/create-request", &request).await?;
        let attachment = json!({ "id": record["pres_ex_id"], "type": "present-proof" });
        let body = json!({ "attachments": [attachment] });
        let mut answer = self.api.post("/out-of-band/create-invitation", &body).await?;
        answer["thread_id"] = record["thread_id"].clone();
        Ok(answer)
    }

    /// Waits until the presentation exchange of this thread is done; its record. As a verifier it
    /// has `verified`, which is the text `true` or `false`.
    pub async fn presentation_done(&self, thread_id: &str) -> Result<Value> {
        self.exchange_done("present-proof-2.0", thread_id, "pres_ex_record").await
    }

    /// The W3C credentials in its wallet.
    pub async fn credentials(&self) -> Result<Vec<Value>> {
        let mut answer = self.api.post("/credentials/w3c", &json!({})).await?;
        let results = answer["results"].take();
        results.as_array().cloned().ok_or_else(|| Error::missing("results", &answer))
    }

    async fn exchange_done(&self, protocol: &str, thread_id: &str, inner: &str) -> Result<Value> {
        let path = format!("/{protocol}/records?thread_id={thread_id}");
        until(&format!("ACA-Py finishing {protocol}"), EXCHANGE_SECONDS_MAX, async || {
            let answer = self.api.get(&path).await?;
            let entry = &answer["results"][0];
            let record = entry.get(inner).unwrap_or(entry);
            match record["state"].as_str() {
                Some("done") => Ok(Ok(record.clone())),
                Some("abandoned") => Err(Error::Unexpected(format!("abandoned: {record}"))),
                _ => Ok(Err(answer.to_string())),
            }
        })
        .await
    }
}

fn string(value: &Value, field: &str) -> Result<String> {
    value[field].as_str().map(str::to_owned).ok_or_else(|| Error::missing(field, value))
}
