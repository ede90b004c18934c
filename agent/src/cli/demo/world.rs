//! The doors as a program uses them: JSON over HTTP, and patience.

use crate::config::Config;
use crate::running::Running;
use reqwest::{Client, Method};
use secrecy::ExposeSecret;
use serde_json::Value;
use std::time::{Duration, Instant};

/// Longest wait for a step of the story.
const WAIT: Duration = Duration::from_secs(20);
/// Time between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// The engine under the story.
#[derive(Clone)]
pub(super) struct World {
    pub(super) base: String,
    pub(super) engine: &'static str,
    pub(super) client: Client,
    token: Option<String>,
    started: Instant,
}

impl World {
    pub(super) fn new(running: &Running, config: &Config) -> Result<Self, String> {
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(WAIT)
            .build()
            .map_err(|error| error.to_string())?;
        let token = config.operator_token.as_ref().map(|token| token.expose_secret().to_owned());
        let engine = running.agent.engine.store().engine_name();
        let base = running.public_url.to_string();
        Ok(Self { base, engine, client, token, started: Instant::now() })
    }

    /// One step of the story, in words.
    pub(super) fn tell(&self, what: &str, detail: &str) {
        let seconds = self.started.elapsed().as_secs_f64();
        println!("{seconds:6.2} s  {what}: {detail}");
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Result<Value, String> {
        self.call(Method::POST, path, Some(body)).await
    }

    pub(super) async fn put(&self, path: &str, body: Value) -> Result<Value, String> {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value, String> {
        self.call(Method::GET, path, None).await
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, String> {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.map_err(|error| error.to_string())?;
        let (status, text) = (answer.status(), answer.text().await.unwrap_or_default());
        if !status.is_success() {
            return Err(format!("{path} answered {status}: {text}"));
        }
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// A short link of our own provider leads to the link that carries the invitation.
    pub(super) async fn whole_link(&self, url: &str) -> String {
        if !url.starts_with(&self.base) || url.contains("oob=") {
            return url.to_owned();
        }
        let answer = self.client.get(url).send().await;
        let location =
            answer.as_ref().ok().and_then(|a| a.headers().get(reqwest::header::LOCATION));
        let location = location.and_then(|location| location.to_str().ok());
        location.unwrap_or(url).to_owned()
    }

    /// Looks at a record until a member has a value.
    pub(super) async fn until(
        &self,
        path: &str,
        member: &str,
        value: &str,
    ) -> Result<Value, String> {
        let started = Instant::now();
        loop {
            let record = self.get(path).await?;
            if record[member] == value {
                return Ok(record);
            }
            if started.elapsed() > WAIT {
                return Err(format!("{path}: {member} is {} and not {value:?}", record[member]));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Looks at a listing until it has an entry.
    pub(super) async fn first(&self, path: &str) -> Result<Value, String> {
        let started = Instant::now();
        loop {
            let listing = self.get(path).await?;
            if let Some(first) = listing["items"].as_array().and_then(|items| items.first()) {
                return Ok(first.clone());
            }
            if started.elapsed() > WAIT {
                return Err(format!("{path} stays empty"));
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// A member that must be text.
pub(super) fn text(value: &Value, member: &str) -> Result<String, String> {
    let found = value[member].as_str().map(str::to_owned);
    found.ok_or_else(|| format!("no {member} in {value}"))
}
