//! A pico of ours, told what to do as its operator would tell it: over the admin API.
//!
//! The names of events and queries are those of the rulesets in `agent/src/rulesets/`.

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

    /// The root pico.
    #[must_use]
    pub fn root(agent: &Picomesh) -> Self {
        Self { api: agent.api.clone(), path: "/v1/picos/root".to_owned() }
    }

    /// The same pico of an agent that was started again.
    #[must_use]
    pub fn of(&self, agent: &Picomesh) -> Self {
        Self { api: agent.api.clone(), path: self.path.clone() }
    }

    /// Raises an event; the options of the directive `wanted` are the answer.
    pub async fn act(&self, event: &str, attrs: Value, wanted: &str) -> Result<Value> {
        let answer = self.raise(event, attrs).await?;
        let mut directives = answer["directives"].as_array().into_iter().flatten();
        directives
            .find(|directive| directive["name"] == wanted)
            .map(|directive| directive["options"].clone())
            .ok_or_else(|| Error::Unexpected(format!("{event}: no `{wanted}` in {answer}")))
    }

    /// Raises an event that some rule must take; its directives do not matter.
    pub async fn tell(&self, event: &str, attrs: Value) -> Result<()> {
        let answer = self.raise(event, attrs).await?;
        if answer["fired"] == 0 {
            return Err(Error::Unexpected(format!("{event}: no rule took it")));
        }
        Ok(())
    }

    async fn raise(&self, event: &str, attrs: Value) -> Result<Value> {
        let path = format!("{}/events/{}", self.path, event.replace(':', "/"));
        let answer = self.api.post(&path, &attrs).await?;
        if answer["fault"].is_null() {
            return Ok(answer);
        }
        Err(Error::Unexpected(format!("{event}: {}", answer["fault"])))
    }

    /// Asks a ruleset.
    pub async fn ask(&self, rid: &str, query: &str, arguments: Value) -> Result<Value> {
        let path = format!("{}/queries/{rid}/{query}", self.path);
        self.api.post(&path, &arguments).await
    }

    /// Asks again and again until the answer `is_wanted`.
    pub async fn ask_until(
        &self,
        rid: &str,
        query: &str,
        arguments: Value,
        is_wanted: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        until(&format!("{rid} {query} {arguments}"), EXCHANGE_SECONDS_MAX, async || {
            let answer = self.ask(rid, query, arguments.clone()).await?;
            Ok(if is_wanted(&answer) { Ok(answer) } else { Err(answer.to_string()) })
        })
        .await
    }

    /// Makes an invitation for this handshake, say `didexchange/1.1` or `out-of-band/2.0`.
    pub async fn invite(&self, protocol: &str) -> Result<Value> {
        let attrs = json!({ "protocol": protocol });
        Ok(self.act("connections:create_invitation", attrs, "invitation").await?["invitation"]
            .take())
    }

    /// Accepts an invitation; the id of the connection that it leads to.
    pub async fn accept(&self, invitation: &Value) -> Result<String> {
        let attrs = json!({ "invitation": invitation });
        string(&self.act("connections:receive_invitation", attrs, "connection").await?, "id")
    }

    /// Waits until the connection is completed.
    pub async fn completed(&self, connection: &str) -> Result<Value> {
        let arguments = json!({ "id": connection });
        self.ask_until("picomesh.connections", "connection", arguments, |connection| {
            connection["state"] == "completed"
        })
        .await
    }

    /// Waits until an invitation of ours led to a completed connection; its id.
    pub async fn connected(&self, invitation: &Value) -> Result<String> {
        let id = invitation.get("@id").unwrap_or(&invitation["id"]);
        let is_wanted = |connection: &Value| {
            connection["invitation_id"] == *id && connection["state"] == "completed"
        };
        let answer = self
            .ask_until("picomesh.connections", "connections", json!({}), |answer| {
                items(answer).any(is_wanted)
            })
            .await?;
        let found = items(&answer).find(|connection| is_wanted(connection));
        string(found.unwrap_or(&Value::Null), "id")
    }

    /// Sends a trust ping and waits for the answer.
    pub async fn ping(&self, connection: &str) -> Result<()> {
        let attrs = json!({ "connection": connection, "response_requested": true });
        let sent = self.act("trust_ping:send", attrs, "ping").await?;
        self.ask_until("picomesh.trust-ping", "ping", json!({ "thid": sent["thid"] }), |ping| {
            ping["state"] == "responded"
        })
        .await
        .map(drop)
    }

    /// Sends a basic message.
    pub async fn send_message(&self, connection: &str, content: &str) -> Result<()> {
        let attrs = json!({ "connection": connection, "content": content });
        self.tell("basic_message:send", attrs).await
    }

    /// Waits for a basic message that says exactly this.
    pub async fn message_received(&self, content: &str) -> Result<()> {
        self.ask_until("picomesh.basic-message", "messages", json!({}), |messages| {
            items(messages).any(|message| message["content"] == content)
        })
        .await
        .map(drop)
    }

    /// Makes a `did:key` that issues and holds credentials.
    pub async fn create_did_key(&self) -> Result<String> {
        string(&self.act("credentials:create_did", json!({}), "did").await?, "did")
    }

    /// Accepts, stores and presents without asking, as ACA-Py does in these tests.
    pub async fn accept_everything(&self) -> Result<()> {
        let attrs = json!({ "auto_accept_offers": true, "auto_store": true });
        self.tell("issue_credential:configure", attrs).await?;
        self.tell("present_proof:configure", json!({ "auto_present": true })).await
    }

    /// Offers a JSON-LD credential; the id of the exchange.
    pub async fn offer_credential(
        &self,
        connection: &str,
        credential: &Value,
        proof_type: &str,
    ) -> Result<String> {
        let attrs = json!({
            "connection": connection,
            "credential": credential,
            "options": { "proofType": proof_type },
        });
        string(&self.act("issue_credential:send_offer", attrs, "exchange").await?, "id")
    }

    /// Waits until the credential exchange is done; its record.
    pub async fn credential_done(&self, exchange: &str) -> Result<Value> {
        self.exchange_done("picomesh.issue-credential", exchange).await
    }

    /// The credentials that it holds.
    pub async fn credentials(&self) -> Result<Vec<Value>> {
        let answer = self.ask("picomesh.credentials", "credentials", json!({})).await?;
        Ok(items(&answer).cloned().collect())
    }

    /// Asks for a presentation; the id of the exchange.
    pub async fn request_presentation(&self, connection: &str, dif: &Value) -> Result<String> {
        let attrs = json!({
            "connection": connection,
            "definition": dif["presentation_definition"],
            "options": dif["options"],
        });
        string(&self.act("present_proof:send_request", attrs, "request").await?, "id")
    }

    /// Waits until the presentation exchange is done; its record.
    pub async fn presentation_done(&self, exchange: &str) -> Result<Value> {
        self.exchange_done("picomesh.present-proof", exchange).await
    }

    async fn exchange_done(&self, rid: &str, exchange: &str) -> Result<Value> {
        let record = self
            .ask_until(rid, "exchange", json!({ "id": exchange }), |record| {
                record["state"] == "done" || record["state"] == "abandoned"
            })
            .await?;
        match record["state"].as_str() {
            Some("done") => Ok(record),
            _ => Err(Error::Unexpected(format!("{rid} ended in {record}"))),
        }
    }
}

/// The entries of a listing.
fn items(answer: &Value) -> impl Iterator<Item = &Value> {
    answer.get("items").unwrap_or(answer).as_array().into_iter().flatten()
}

fn string(value: &Value, field: &str) -> Result<String> {
    value[field].as_str().map(str::to_owned).ok_or_else(|| Error::missing(field, value))
}
