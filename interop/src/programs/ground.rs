//! A new pico to run a script on.

use std::collections::BTreeMap;

use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::answer::Head;
use super::script::Step;
use crate::{Error, Result, until};

const READY_SECONDS_MAX: u64 = 20;

/// How long a step with `until` may take.
const UNTIL_SECONDS_MAX: u64 = 15;

/// A pico with a channel that allows everything, and the places of a script.
pub(super) struct Ground {
    client: Client,
    pub(super) places: BTreeMap<String, String>,
}

impl Ground {
    /// Makes a child of the root and waits until the standard rulesets are on it.
    pub(super) async fn prepare(name: &str, base: &str, files: &str) -> Result<Self> {
        let mut ground = Self { client: crate::api::client()?, places: BTreeMap::new() };
        ground.place("base", base);
        ground.place("files", files);
        let context = ground.get("/api/ui-context").await?;
        ground.place("root", text(&context["eci"]));
        let attrs = json!({ "name": name, "backgroundColor": "#33cc33" });
        ground.post("/c/{root}/event-wait/engine_ui/new", &attrs).await?;
        let child = until("a child pico", READY_SECONDS_MAX, async || {
            let root = ground.get("/c/{root}/query/io.picolabs.pico-engine-ui/box").await?;
            let children = root["children"].as_array().cloned().unwrap_or_default();
            for child in children.iter().rev() {
                let path = format!("/c/{}/query/io.picolabs.pico-engine-ui/name", text(child));
                if ground.get(&path).await? == *name {
                    return Ok(Ok(text(child).to_owned()));
                }
            }
            Ok(Err(root.to_string()))
        })
        .await?;
        ground.place("ui", &child);
        let policies = json!({
            "tags": ["test"],
            "eventPolicy": { "allow": [{ "domain": "*", "name": "*" }], "deny": [] },
            "queryPolicy": { "allow": [{ "rid": "*", "name": "*" }], "deny": [] },
        });
        ground.post("/c/{ui}/event-wait/engine_ui/new_channel", &policies).await?;
        let eci = until("the standard rulesets", READY_SECONDS_MAX, async || {
            let pico = ground.get("/c/{ui}/query/io.picolabs.pico-engine-ui/pico").await?;
            let rulesets = pico["rulesets"].as_array().map_or(0, Vec::len);
            let channels = pico["channels"].as_array().cloned().unwrap_or_default();
            let is_ours = |channel: &&Value| channel["tags"] == json!(["test"]);
            let tagged = |tag: &str| channels.iter().any(|c| c["tags"][0] == *tag);
            match channels.iter().find(is_ours) {
                Some(ours) if rulesets >= 5 && tagged("pds") && tagged("wellknown_rx") => {
                    Ok(Ok(text(&ours["id"]).to_owned()))
                }
                _ => Ok(Err(pico.to_string())),
            }
        })
        .await?;
        ground.place("eci", &eci);
        Ok(ground)
    }

    /// Takes a step; the answer and its body.
    pub(super) async fn ask(&mut self, step: &Step) -> Result<(Head, String)> {
        let (head, body) = match &step.until {
            None => self.send(step).await?,
            Some(wanted) => {
                let wanted = self.filled(wanted);
                until(&step.path, UNTIL_SECONDS_MAX, async || {
                    let (head, body) = self.send(step).await?;
                    Ok(if body.contains(&wanted) { Ok((head, body)) } else { Err(body) })
                })
                .await?
            }
        };
        for (name, pointer) in &step.save {
            let json: Value = serde_json::from_str(&body).unwrap_or_default();
            let saved = json.pointer(pointer).ok_or_else(|| Error::missing(pointer, &json))?;
            let saved = saved.as_str().map_or_else(|| saved.to_string(), str::to_owned);
            self.places.insert(name.clone(), saved);
        }
        Ok((head, body))
    }

    async fn send(&self, step: &Step) -> Result<(Head, String)> {
        let path = self.filled(&step.path);
        let url = if path.starts_with('/') {
            format!("{}{path}", self.places["base"])
        } else {
            format!("{}/c/{}/{path}", self.places["base"], self.places["eci"])
        };
        let unreachable = |source| Error::Unreachable { url: url.clone(), source };
        let method = Method::from_bytes(step.method.as_bytes())
            .map_err(|error| Error::Unexpected(error.to_string()))?;
        // The reference breaks the connection after some answers, redirects for example.
        let mut request = self.client.request(method, &url).header("connection", "close");
        for (name, value) in &step.headers {
            request = request.header(name, self.filled(value));
        }
        if let Some(body) = &step.body {
            request = request.body(self.filled(body));
        }
        let response = request.send().await.map_err(unreachable)?;
        let head = Head { status: response.status().as_u16(), headers: response.headers().clone() };
        Ok((head, response.text().await.map_err(unreachable)?))
    }

    async fn get(&self, path: &str) -> Result<Value> {
        self.json(&Step::new("GET", path)).await
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let mut step = Step::new("POST", path);
        step.headers.insert("content-type".into(), "application/json".into());
        step.body = Some(body.to_string());
        self.json(&step).await
    }

    async fn json(&self, step: &Step) -> Result<Value> {
        let (head, body) = self.send(step).await?;
        serde_json::from_str(&body).map_err(|error| {
            Error::Unexpected(format!("{}: {} {error} in {body}", step.path, head.status))
        })
    }

    fn filled(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, place) in &self.places {
            text = text.replace(&format!("{{{name}}}"), place);
        }
        text
    }

    fn place(&mut self, name: &str, value: &str) {
        self.places.insert(name.to_owned(), value.to_owned());
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
