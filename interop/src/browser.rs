//! A headless Chromium, driven through chromedriver.
//!
//! Source: W3C WebDriver, the few commands that the login tests need.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::{Api, Error, Process, Result, free_port, installed, until};

const START_SECONDS_MAX: u64 = 30;
/// The key under which WebDriver hands out the reference of an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// One browser with one window and no history.
#[derive(Debug)]
pub struct Browser {
    api: Api,
    port: u16,
    session: String,
    // Dropped last: the browser goes before its driver.
    _driver: Process,
}

impl Browser {
    /// Starts chromedriver and one headless browser.
    pub async fn start() -> Result<Self> {
        let port = free_port()?;
        let program = installed::from_variable("PICOMESH_TEST_CHROMEDRIVER")?;
        let chromium = installed::from_variable("PICOMESH_TEST_CHROMIUM")?;
        let mut driver = Process::start(
            "chromedriver",
            Command::new(program).arg(format!("--port={port}")).arg("--allowed-ips="),
        )?;
        let api = Api::new(&format!("http://127.0.0.1:{port}"))?;
        driver
            .ready(START_SECONDS_MAX, async || {
                api.get("/status").await.map(drop).map_err(|error| error.to_string())
            })
            .await?;

        let profile = driver.folder().join("profile");
        let options = json!({
            "binary": chromium,
            // The sandbox does not start for root or in most containers; all pages are ours.
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--no-first-run", "--disable-background-networking", "--no-proxy-server",
                "--window-size=900,1400", format!("--user-data-dir={}", profile.display())],
        });
        let capabilities = json!({
            "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } }
        });
        let answer = api.post("/session", &capabilities).await?;
        let session = answer["value"]["sessionId"]
            .as_str()
            .ok_or_else(|| Error::missing("sessionId", &answer))?
            .to_owned();
        Ok(Self { api, port, session, _driver: driver })
    }

    /// Opens a page and waits until it is loaded.
    pub async fn open(&self, url: &str) -> Result<()> {
        self.post("url", json!({ "url": url })).await.map(drop)
    }

    /// The address of the page that is shown.
    pub async fn url(&self) -> Result<String> {
        Ok(text(&self.get("url").await?))
    }

    /// The page as HTML.
    pub async fn source(&self) -> Result<String> {
        Ok(text(&self.get("source").await?))
    }

    /// Runs a script in the page; it says `return` to answer.
    pub async fn run(&self, script: &str) -> Result<Value> {
        self.post("execute/sync", json!({ "script": script, "args": [] })).await
    }

    /// Waits for an element and answers with its visible text.
    pub async fn text_of(&self, css: &str, seconds: u64) -> Result<String> {
        let element = self.find(css, seconds).await?;
        Ok(text(&self.get(&format!("element/{element}/text")).await?))
    }

    /// An attribute of an element, if both are there.
    pub async fn attribute_of(&self, css: &str, name: &str, seconds: u64) -> Result<String> {
        let element = self.find(css, seconds).await?;
        Ok(text(&self.get(&format!("element/{element}/attribute/{name}")).await?))
    }

    /// Waits for an element and clicks on it.
    pub async fn click(&self, css: &str, seconds: u64) -> Result<()> {
        let element = self.find(css, seconds).await?;
        self.post(&format!("element/{element}/click"), json!({})).await.map(drop)
    }

    /// The page as a PNG picture.
    pub async fn screenshot(&self) -> Result<Vec<u8>> {
        let picture = text(&self.get("screenshot").await?);
        STANDARD.decode(picture).map_err(|error| Error::Unexpected(error.to_string()))
    }

    /// Reads the QR code from the page as it is painted.
    pub async fn qr_code(&self, seconds: u64) -> Result<String> {
        until("a QR code on the page", seconds, async || {
            let mut texts = crate::decode_qr(&self.screenshot().await?)?;
            Ok(match texts.len() {
                1 => Ok(texts.remove(0)),
                count => Err(format!("{count} codes at {}", self.url().await?)),
            })
        })
        .await
    }

    async fn find(&self, css: &str, seconds: u64) -> Result<String> {
        until(&format!("`{css}` on the page"), seconds, async || {
            let found =
                self.post("elements", json!({ "using": "css selector", "value": css })).await?;
            match found[0][ELEMENT].as_str() {
                Some(element) => Ok(Ok(element.to_owned())),
                None => Ok(Err(self.source().await?)),
            }
        })
        .await
    }

    async fn get(&self, command: &str) -> Result<Value> {
        let mut answer = self.api.get(&format!("/session/{}/{command}", self.session)).await?;
        Ok(answer["value"].take())
    }

    async fn post(&self, command: &str, body: Value) -> Result<Value> {
        let path = format!("/session/{}/{command}", self.session);
        let mut answer = self.api.post(&path, &body).await?;
        Ok(answer["value"].take())
    }
}

impl Drop for Browser {
    /// Ends the browser, also when the test is failing: chromedriver alone would leave it behind.
    fn drop(&mut self) {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else {
            return;
        };
        let request = format!(
            "DELETE /session/{} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n",
            self.session, self.port
        );
        let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
        if stream.write_all(request.as_bytes()).is_ok() {
            let _ = stream.read(&mut [0; 64]);
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
