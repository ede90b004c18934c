//! A pico of ours, told what to do as its operator tells it: over the admin API.
//!
//! Source: our OpenAPI description, `/v1/openapi.json`.

use serde_json::{Value, json};

use crate::{Api, Error, Picomesh, Result, until};

const EXCHANGE_SECONDS_MAX: u64 = 30;

/// One pico of a running agent.
#[derive(Clone, Debug)]
pub struct Pico {
    api: Api,
    path: String,
}

impl Pico {
    /// Makes a child of the root pico.
    pub async fn create(agent: &Picomesh, name: &str) -> Result<Self> {
        let pico = agent.api.post("/v1/picos", &json!({ "name": name })).await?;
        let id = string(&pico, "id")?;
        Ok(Self { api: agent.api.clone(), path: format!("/v1/picos/{id}") })
    }

    /// The same pico of an agent that was started again.
    #[must_use]
    pub fn of(&self, agent: &Picomesh) -> Self {
        Self { api: agent.api.clone(), path: self.path.clone() }
    }

    /// Makes an invitation for this handshake, say `didexchange/1.1` or `out-of-band/2.0`.
    pub async fn invite(&self, protocol: &str) -> Result<Value> {
        let body = json!({ "protocol": protocol });
        Ok(self.post("invitations", &body).await?["invitation"].take())
    }

    /// Takes an invitation; the connection that it leads to, or null if it leads to none.
    pub async fn receive_invitation(&self, invitation: &Value) -> Result<Value> {
        self.post("invitations/receive", &json!({ "invitation": invitation })).await
    }

    /// Takes an invitation to connect; the id of the connection.
    pub async fn accept(&self, invitation: &Value) -> Result<String> {
        string(&self.receive_invitation(invitation).await?, "id")
    }

    /// Waits until the connection is completed.
    pub async fn completed(&self, connection: &str) -> Result<Value> {
        let path = format!("connections/{connection}");
        self.get_until(&path, |connection| connection["state"] == "completed").await
    }

    /// Waits until an invitation of ours led to a completed connection; its id.
    pub async fn connected(&self, invitation: &Value) -> Result<String> {
        let id = invitation.get("@id").unwrap_or(&invitation["id"]);
        let comes_from = |connection: &Value| connection["invitation_id"] == *id;
        let answer = self
            .get_until("connections?state=completed", |answer| items(answer).any(comes_from))
            .await?;
        let found = items(&answer).find(|connection| comes_from(connection));
        string(found.unwrap_or(&Value::Null), "id")
    }

    /// Sends a trust ping and waits for the answer.
    pub async fn ping(&self, connection: &str) -> Result<()> {
        let sent = self.post(&format!("connections/{connection}/pings"), &json!({})).await?;
        let thid = string(&sent, "thid")?;
        self.get_until("pings", |pings| pings["last"]["thid"] == thid).await.map(drop)
    }

    /// Sends a basic message.
    pub async fn send_message(&self, connection: &str, content: &str) -> Result<()> {
        let path = format!("connections/{connection}/messages");
        self.post(&path, &json!({ "content": content })).await.map(drop)
    }

    /// Waits for a basic message that says exactly this.
    pub async fn message_received(&self, content: &str) -> Result<()> {
        let is_it = |message: &Value| message["content"] == content;
        self.get_until("messages", |messages| items(messages).any(is_it)).await.map(drop)
    }

    /// Makes a `did:key` that issues and holds credentials.
    pub async fn create_did_key(&self) -> Result<String> {
        string(&self.post("dids", &json!({})).await?, "did")
    }

    /// Accepts, stores and presents without asking, as ACA-Py does in these tests.
    pub async fn accept_everything(&self) -> Result<()> {
        let holder = json!({ "auto_accept_offers": true, "auto_store": true });
        self.api.put(&format!("{}/credential-settings", self.path), &holder).await?;
        let prover = json!({ "auto_present": true });
        self.api.put(&format!("{}/presentation-settings", self.path), &prover).await.map(drop)
    }

    /// Offers a JSON-LD credential; the id of the exchange.
    pub async fn offer_credential(
        &self,
        connection: &str,
        credential: &Value,
        proof_type: &str,
    ) -> Result<String> {
        let body = json!({
            "connection": connection,
            "credential": credential,
            "options": { "proofType": proof_type },
        });
        string(&self.post("credential-exchanges/offer", &body).await?, "id")
    }

    /// Waits until the credential exchange is done; its record.
    pub async fn credential_done(&self, exchange: &str) -> Result<Value> {
        self.exchange_done("credential-exchanges", exchange).await
    }

    /// The credentials that it holds.
    pub async fn credentials(&self) -> Result<Vec<Value>> {
        let answer = self.api.get(&format!("{}/credentials", self.path)).await?;
        Ok(items(&answer).cloned().collect())
    }

    /// Asks for a presentation; the id of the exchange.
    pub async fn request_presentation(&self, connection: &str, dif: &Value) -> Result<String> {
        let body = json!({
            "connection": connection,
            "definition": dif["presentation_definition"],
            "options": dif["options"],
        });
        string(&self.post("presentation-exchanges", &body).await?, "id")
    }

    /// Waits until the presentation exchange is done; its record.
    pub async fn presentation_done(&self, exchange: &str) -> Result<Value> {
        self.exchange_done("presentation-exchanges", exchange).await
    }

    async fn exchange_done(&self, family: &str, exchange: &str) -> Result<Value> {
        let has_ended =
            |record: &Value| record["state"] == "done" || record["state"] == "abandoned";
        let record = self.get_until(&format!("{family}/{exchange}"), has_ended).await?;
        match record["state"].as_str() {
            Some("done") => Ok(record),
            _ => Err(Error::Unexpected(format!("{family} ended in {record}"))),
        }
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.api.post(&format!("{}/{path}", self.path), body).await
    }

    async fn get_until(&self, path: &str, is_wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let path = format!("{}/{path}", self.path);
        until(&path, EXCHANGE_SECONDS_MAX, async || {
            let answer = self.api.get(&path).await?;
            Ok(if is_wanted(&answer) { Ok(answer) } else { Err(answer.to_string()) })
        })
        .await
    }
}

/// The entries of a listing.
fn items(answer: &Value) -> impl Iterator<Item = &Value> {
    answer["items"].as_array().into_iter().flatten()
}

fn string(value: &Value, field: &str) -> Result<String> {
    value[field].as_str().map(str::to_owned).ok_or_else(|| Error::missing(field, value))
}
