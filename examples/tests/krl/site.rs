//! A running agent, over HTTP alone.

use picomesh_examples::place::Place;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

const WAIT: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(50);

/// A running agent.
pub(crate) struct Site {
    place: Place,
    pub(crate) client: Client,
    pub(crate) base: String,
    /// The root pico's channel for tools.
    pub(crate) root: String,
    _data: tempfile::TempDir,
}

/// The URL of a program in `examples/krl/`.
pub(crate) fn program(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("krl").join(name);
    format!("file://{}", path.display())
}

impl Site {
    /// Starts an agent with an empty root pico.
    pub(crate) async fn open() -> Self {
        let data = tempfile::tempdir().unwrap();
        let place = Place::open(data.path(), |registry| registry).await.unwrap();
        let base = place.url();
        let redirect = reqwest::redirect::Policy::none();
        let client = Client::builder().redirect(redirect).build().unwrap();
        let mut site = Self { place, client, base, root: String::new(), _data: data };
        let context = site.get("/api/ui-context").await;
        site.root = text(&context["eci"]);
        site
    }

    pub(crate) async fn close(self) {
        self.place.close().await;
    }

    /// What is at a path, as JSON; an error of the engine ends the test.
    pub(crate) async fn get(&self, path: &str) -> Value {
        json_of(self.client.get(format!("{}{path}", self.base)).send().await.unwrap()).await
    }

    /// Tells a pico something; returns the directives by name and options.
    pub(crate) async fn tell(&self, eci: &str, event: &str, attrs: Value) -> Vec<(String, Value)> {
        let answer = self.try_tell(eci, event, attrs).await;
        assert_eq!(answer.get("error"), None, "{event}: {answer}");
        let directives = answer["directives"].as_array().unwrap();
        directives.iter().map(|one| (text(&one["name"]), one["options"].clone())).collect()
    }

    /// As [`Site::tell`]; returns the answer, be it an error.
    pub(crate) async fn try_tell(&self, eci: &str, event: &str, attrs: Value) -> Value {
        let url = format!("{}/c/{eci}/event-wait/{}", self.base, event.replace(':', "/"));
        let response = self.client.post(url).json(&attrs).send().await.unwrap();
        response.json().await.unwrap()
    }

    /// Asks a pico.
    pub(crate) async fn ask(&self, eci: &str, rid: &str, function: &str) -> Value {
        self.get(&format!("/c/{eci}/query/{rid}/{function}")).await
    }

    /// Asks again and again until the answer is good.
    pub(crate) async fn until(
        &self,
        (eci, rid, function): (&str, &str, &str),
        is_good: impl Fn(&Value) -> bool,
    ) -> Value {
        let started = Instant::now();
        loop {
            let answer = self.ask(eci, rid, function).await;
            if is_good(&answer) {
                return answer;
            }
            assert!(started.elapsed() < WAIT, "{rid} {function} stays {answer}");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Makes a child of the root; returns its channel for tools.
    pub(crate) async fn child(&self, name: &str) -> String {
        self.tell(&self.root, "engine_ui:new", json!({ "name": name })).await;
        let page = self.ask(&self.root, "io.picolabs.pico-engine-ui", "box").await;
        text(page["children"].as_array().unwrap().last().unwrap())
    }

    /// Installs a program; returns the channel with a tag that the program made.
    pub(crate) async fn install(&self, ui: &str, name: &str, config: Value, tag: &str) -> String {
        let attrs = json!({ "url": program(name), "config": config });
        self.tell(ui, "engine_ui:install", attrs).await;
        self.channel(ui, tag).await
    }

    /// The channel of a pico that has one tag, this one.
    pub(crate) async fn channel(&self, ui: &str, tag: &str) -> String {
        let pico = self.ask(ui, "io.picolabs.pico-engine-ui", "pico").await;
        let channels = pico["channels"].as_array().unwrap();
        let found = channels.iter().find(|one| one["tags"] == json!([tag]));
        text(&found.unwrap_or_else(|| panic!("no channel {tag} in {pico}"))["id"])
    }
}

async fn json_of(response: Response) -> Value {
    let body = response.text().await.unwrap();
    if body.is_empty() {
        return Value::Null;
    }
    let value: Value = serde_json::from_str(&body).unwrap_or_else(|_| panic!("not JSON: {body}"));
    assert_eq!(value.get("error"), None, "{value}");
    value
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
