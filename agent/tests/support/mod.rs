//! A `picomesh` process that a test starts, kills and starts again.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it goes wrong")]

use serde_json::{Value, json};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The databases that a test runs on.
pub(crate) enum Database {
    /// The embedded one, in the data directory.
    Sqlite,
    /// A database of its own on the server of `PICOMESH_TEST_POSTGRES`.
    Postgres(String),
}

impl Database {
    /// A fresh database on the Postgres server of the tests.
    pub(crate) fn postgres() -> Self {
        let server = std::env::var("PICOMESH_TEST_POSTGRES")
            .expect("PICOMESH_TEST_POSTGRES names a Postgres server; ./test starts one");
        let nanos = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos();
        let name = format!("crash_{}_{nanos}", std::process::id());
        let sql = format!("CREATE DATABASE {name}");
        assert!(Command::new("psql").args([&server, "-qc", &sql]).status().unwrap().success());
        let (root, _) = server.rsplit_once('/').unwrap();
        Self::Postgres(format!("{root}/{name}"))
    }
}

/// A running process.
pub(crate) struct Process {
    child: Child,
    base: String,
    client: reqwest::Client,
}

impl Process {
    /// Starts a process on a data directory and a port, and waits until it is ready.
    pub(crate) async fn start(data: &Path, port: u16, database: &Database) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut command = Command::new(env!("CARGO_BIN_EXE_picomesh"));
        command
            .arg("--data")
            .arg(data)
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .args(["--allow-private-addresses", "loopback", "--log", "error"])
            .stdout(Stdio::null());
        if let Database::Postgres(url) = database {
            command.args(["--database", url]);
        }
        let child = command.spawn().unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let process = Self { child, base: format!("http://127.0.0.1:{port}"), client };
        let started = Instant::now();
        while process.client.get(format!("{}/health/ready", process.base)).send().await.is_err() {
            assert!(started.elapsed() < Duration::from_secs(30), "ready within 30 s");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        process
    }

    /// Kills the process as a crash does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks the process to stop, as an operator does; returns whether it ended well.
    pub(crate) fn terminate(mut self) -> bool {
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
        self.child.wait().unwrap().success()
    }

    /// Posts JSON; a success must come.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.base);
        let answer = self.client.post(url).json(body).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Gets JSON; a success must come.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.client.get(format!("{}{path}", self.base)).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    /// What a client needs that outlives the process.
    pub(crate) fn caller(&self) -> (reqwest::Client, String) {
        (self.client.clone(), self.base.clone())
    }

    /// Makes a pico; returns its path in the API.
    pub(crate) async fn pico(&self, name: &str) -> String {
        let pico = self.post("/v1/picos", &json!({ "name": name })).await;
        format!("/v1/picos/{}", pico["id"].as_str().unwrap())
    }

    /// Waits for the completed connection of a pico; returns its path.
    pub(crate) async fn connection(&self, pico: &str) -> String {
        for _ in 0..200 {
            let found = self.get(&format!("{pico}/connections?state=completed")).await;
            if let Some(id) = found["items"][0]["id"].as_str() {
                return format!("{pico}/connections/{id}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("connected within 10 s")
    }

    /// The texts that a pico was sent.
    pub(crate) async fn texts(&self, pico: &str) -> Vec<String> {
        let (mut texts, mut after) = (vec![], String::new());
        loop {
            let page = self.get(&format!("{pico}/messages?limit=100{after}")).await;
            let content = |one: &Value| one["content"].as_str().unwrap().to_owned();
            texts.extend(page["items"].as_array().unwrap().iter().map(content));
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return texts,
            }
        }
    }

    /// Makes a pico with the counter ruleset; returns its id and a channel.
    pub(crate) async fn counter(&self) -> (String, String) {
        let pico = self.post("/v1/picos", &json!({ "name": "counter" })).await;
        let id = pico["id"].as_str().unwrap().to_owned();
        let rid = json!({ "rid": "picomesh.counter" });
        self.post(&format!("/v1/picos/{id}/rulesets"), &rid).await;
        let eci = pico["channels"][0]["eci"].as_str().unwrap().to_owned();
        (id, eci)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Posts JSON; `None` when no answer came or it was no success.
pub(crate) async fn post(
    client: &reqwest::Client,
    base: &str,
    path: &str,
    body: &Value,
) -> Option<Value> {
    let answer = client.post(format!("{base}{path}")).json(body).send().await.ok()?;
    if !answer.status().is_success() {
        return None;
    }
    let value: Value = answer.json().await.ok()?;
    value.get("error").is_none().then_some(value)
}

/// A port that nobody has now.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
