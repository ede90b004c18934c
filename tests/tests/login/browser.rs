//! A browser that keeps one cookie, and its stream of events.

use crate::world::{REDIRECT, Reply, World, change, client, encoded};
use picomesh_tests::eventually;
use reqwest::header::{COOKIE, SET_COOKIE};
use serde_json::Value;

/// RFC 7636 appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A browser: it keeps one cookie and follows no redirect by itself.
pub(crate) struct Browser {
    client: reqwest::Client,
    pub(crate) base: String,
    pub(crate) cookie: String,
}

impl Browser {
    pub(crate) fn new(world: &World) -> Self {
        Self { client: client(), base: world.base.clone(), cookie: String::new() }
    }

    /// Sent here by the shop, with some parameters set otherwise; the id of the session.
    pub(crate) async fn authorize(&mut self, changes: &[(&str, &str)]) -> String {
        let answer = self.ask(changes).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        let (_, sid) = answer.location.rsplit_once("/login/").unwrap();
        let cookie = answer.headers[SET_COOKIE].to_str().unwrap();
        let (pair, attributes) = cookie.split_once("; ").unwrap();
        assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Lax");
        self.cookie = pair.to_owned();
        sid.to_owned()
    }

    pub(crate) async fn ask(&self, changes: &[(&str, &str)]) -> Reply {
        let mut query = vec![
            ("client_id", "shop"),
            ("redirect_uri", REDIRECT),
            ("response_type", "code"),
            ("scope", "openid policy:resident"),
            ("state", "s t&a=te"),
            ("nonce", "n-1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        change(&mut query, changes);
        self.get(&format!("/authorize?{}", encoded(&query))).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        let request = self.client.get(format!("{}{path}", self.base));
        let request = request.header(COOKIE, &self.cookie).header("accept", "text/html");
        Reply::of(request.send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        let request = self.client.post(format!("{}{path}", self.base)).header(COOKIE, &self.cookie);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        Reply::of(request.body(encoded(form)).send().await.unwrap()).await
    }

    pub(crate) async fn status(&self, sid: &str) -> Value {
        self.get(&format!("/login/{sid}/status")).await.json()
    }

    pub(crate) async fn until(&self, sid: &str, state: &str) -> Value {
        eventually(&format!("state {state}"), async || {
            let status = self.status(sid).await;
            (status["state"] == state).then_some(status)
        })
        .await
    }

    /// Presses the button of the page.
    pub(crate) async fn go_on(&self, sid: &str) -> Reply {
        self.leave(sid, "continue").await
    }

    pub(crate) async fn leave(&self, sid: &str, way: &str) -> Reply {
        let token = self.form_token(sid).await;
        self.post(&format!("/login/{sid}/{way}"), &[("token", &token)]).await
    }

    pub(crate) async fn form_token(&self, sid: &str) -> String {
        let page = self.get(&format!("/login/{sid}")).await.body;
        let (_, rest) = page.split_once("name=\"token\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    pub(crate) async fn stream(&self, sid: &str) -> Stream {
        let request = self.client.get(format!("{}/login/{sid}/events", self.base));
        let response = request.header(COOKIE, &self.cookie).send().await.unwrap();
        assert_eq!(response.status(), 200);
        Stream { response, text: String::new() }
    }
}

/// Server-sent events.
pub(crate) struct Stream {
    response: reqwest::Response,
    text: String,
}

impl Stream {
    /// The data of the next event; `null` at the end.
    pub(crate) async fn next(&mut self) -> Value {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let data = event.lines().find_map(|line| line.strip_prefix("data:"));
                let data = data.map(|data| serde_json::from_str(data).unwrap());
                self.text = rest.to_owned();
                match data {
                    Some(data) => return data,
                    None => continue,
                }
            }
            let wait = std::time::Duration::from_secs(10);
            match tokio::time::timeout(wait, self.response.chunk()).await.unwrap().unwrap() {
                Some(chunk) => self.text += std::str::from_utf8(&chunk).unwrap(),
                None => return Value::Null,
            }
        }
    }

    pub(crate) async fn rest(&mut self) -> Value {
        self.next().await
    }
}
