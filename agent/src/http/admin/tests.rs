//! The API over a real engine on the embedded database.
#![allow(clippy::unwrap_used, clippy::panic)]

mod refusals;

use super::*;
use crate::config;
use crate::engine::{Clock, Work};
use crate::http::problem::recover;
use crate::http::serve::{self, Options, Timeouts};
use crate::store::Store;
use hyper_util::service::TowerToHyperService;
use picomesh_pico::{Native, Registry, Rid};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

const TOKEN: &str = "0123456789abcdef";

struct Server {
    address: SocketAddr,
    api: Arc<Api>,
    token: Option<&'static str>,
    _data: tempfile::TempDir,
}

/// The event test:count with these attributes.
fn count(attrs: Value) -> Value {
    json!({ "domain": "test", "name": "count", "attrs": attrs })
}

/// A ruleset with a counter, a refusal and a shared function.
fn counter() -> Native {
    Native::new(Rid::literal("test.counter"), "Counts.")
        .rule("count", "test", "count", |context, event| {
            let step = event.attrs.get("step").and_then(Value::as_i64).unwrap_or(1);
            let count = context.entity::<i64>("count")?.unwrap_or(0) + step;
            context.put("count", &count)?;
            context.directive("count", json!({ "count": count }));
            Ok(())
        })
        .rule("refuse", "test", "refuse", |_, _| {
            Err(picomesh_pico::Fault::refused("tired", "not today"))
        })
        .query("count", |context, _| Ok(json!(context.entity::<i64>("count")?.unwrap_or(0))))
        .query("echo", |_, args| Ok(Value::Object(args.clone())))
}

async fn server(token: Option<&'static str>) -> Server {
    let data = tempfile::tempdir().unwrap();
    let directory = data.path().to_str().unwrap().to_owned();
    let flag = move |key: &str| (key == "data").then(|| directory.clone());
    let config = config::load(&flag, &|_| None, None).unwrap();
    let (store, _lock) = Store::open(&config).await.unwrap();
    let registry =
        Registry::default().with_standard(picomesh_pico::system()).with_installable(counter());
    let engine =
        Engine::start(store, registry, Work::default(), Clock::System, 1024).await.unwrap();
    let guard = Guard::new(token.map(SecretString::from).as_ref());
    let stop = CancellationToken::new();
    let api = Api::new(engine, guard, 100_000, stop.clone());
    let options = Options {
        connections_max: 100,
        allow: Arc::new(|_| None),
        stop,
        timeouts: Timeouts::default(),
    };
    let listener = serve::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let service = TowerToHyperService::new(warp::service(admin(api.clone()).recover(recover)));
    tokio::spawn(serve::serve(listener, service, options));
    Server { address, api, token, _data: data }
}

struct Answered {
    status: u16,
    head: String,
    body: Value,
}

impl Server {
    /// One request with exactly these headers.
    async fn raw(&self, method: &str, path: &str, headers: &str, body: &str) -> Answered {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        timeout(Duration::from_secs(10), stream.read_to_string(&mut answer))
            .await
            .unwrap()
            .unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        Answered {
            status: head[9..12].parse().unwrap(),
            head: head.to_owned(),
            body: serde_json::from_str(body).unwrap_or(Value::Null),
        }
    }

    async fn text(&self, method: &str, path: &str, more: &str, body: &str) -> Answered {
        let token = self.token.map_or(String::new(), |t| format!("authorization: Bearer {t}\r\n"));
        let headers =
            format!("host: {}\r\ncontent-type: application/json\r\n{token}{more}", self.address);
        self.raw(method, path, &headers, body).await
    }

    async fn call(&self, method: &str, path: &str, body: Value) -> Answered {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.text(method, path, "", &body).await
    }

    /// Makes a pico with the counter; its id and its ECI.
    async fn pico(&self) -> (String, String) {
        let made = self.call("POST", "/v1/picos", json!({ "name": "one" })).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let pico = &made.body;
        let id = pico["id"].as_str().unwrap().to_owned();
        let eci = pico["channels"][0]["eci"].as_str().unwrap().to_owned();
        let path = format!("/v1/picos/{id}/rulesets");
        let install = json!({ "rid": "test.counter" });
        assert_eq!(self.call("POST", &path, install).await.status, 204);
        (id, eci)
    }
}

#[tokio::test]
async fn picos_are_made_listed_changed_and_deleted() {
    let server = server(None).await;
    let picos: Vec<Value> = (0..5).map(|n| json!({ "name": format!("p{n}") })).collect();
    let made = server.call("POST", "/v1/picos/batch", json!({ "children": picos })).await;
    assert_eq!((made.status, made.body["children"].as_array().unwrap().len()), (201, 5));
    let mut names = vec![];
    let mut path = "/v1/picos?limit=2".to_owned();
    loop {
        let page = server.call("GET", &path, Value::Null).await.body;
        names.extend(page["items"].as_array().unwrap().iter().map(|p| p["name"].clone()));
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("/v1/picos?limit=2&after={next}");
    }
    names.sort_by_key(ToString::to_string);
    assert_eq!(names, ["p0", "p1", "p2", "p3", "p4"]);
    let id = made.body["children"][0]["id"].as_str().unwrap();
    let one = format!("/v1/picos/{id}");
    assert_eq!(server.call("PATCH", &one, json!({ "name": "new" })).await.status, 204);
    let shown = server.call("GET", &one, Value::Null).await;
    assert_eq!((shown.body["name"].as_str(), shown.status), (Some("new"), 200));
    assert!(shown.head.contains("cache-control: no-store"), "{}", shown.head);
    assert_eq!(server.call("DELETE", &one, Value::Null).await.status, 204);
    for method in ["GET", "PATCH", "DELETE"] {
        let body = if method == "PATCH" { json!({ "name": "x" }) } else { Value::Null };
        assert_eq!(server.call(method, &one, body).await.status, 404, "{method}");
    }
    assert_eq!(server.call("DELETE", "/v1/picos/root", Value::Null).await.status, 409);
    assert_eq!(server.call("GET", "/v1/picos/root", Value::Null).await.body["name"], "root");
}

#[tokio::test]
async fn channels_carry_policies() {
    let server = server(None).await;
    let (pico, _) = server.pico().await;
    let all = format!("/v1/picos/{pico}/channels");
    let policy = json!({ "allow": [{ "domain": "other", "name": "*" }], "deny": [] });
    let new = json!({ "tags": ["narrow"], "event_policy": policy });
    let made = server.call("POST", &all, new).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let eci = made.body["eci"].as_str().unwrap();
    let one = format!("{all}/{eci}");
    let event = format!("/v1/channels/{eci}/events");
    assert_eq!(server.call("POST", &event, count(json!({}))).await.status, 403);
    let wide =
        json!({ "event_policy": { "allow": [{ "domain": "test", "name": "count" }], "deny": [] } });
    assert_eq!(server.call("PATCH", &one, wide).await.status, 200);
    assert_eq!(server.call("POST", &event, count(json!({}))).await.status, 200);
    assert_eq!(server.call("GET", &one, Value::Null).await.body["tags"], json!(["narrow"]));
    assert_eq!(
        server.call("GET", &all, Value::Null).await.body["items"].as_array().unwrap().len(),
        4, // the two of the family among them
    );
    assert_eq!(server.call("DELETE", &one, Value::Null).await.status, 204);
    for path in [&one, &format!("/v1/picos/root/channels/{eci}")] {
        assert_eq!(server.call("GET", path, Value::Null).await.status, 404);
    }
    assert_eq!(server.call("POST", &event, count(json!({}))).await.status, 404);
}

#[tokio::test]
async fn events_and_queries_reach_rulesets() {
    let server = server(None).await;
    let (pico, eci) = server.pico().await;
    let by_eci = format!("/v1/channels/{eci}/events");
    let answer = server.call("POST", &by_eci, count(json!({ "step": 2 }))).await;
    assert_eq!(answer.body["directives"][0]["options"]["count"], 2, "{}", answer.body);
    let by_pico = format!("/v1/picos/{pico}/events");
    assert_eq!(server.call("POST", &by_pico, count(json!({}))).await.body["fired"], 1);
    for path in [format!("/v1/channels/{eci}"), format!("/v1/picos/{pico}")] {
        let path = format!("{path}/queries/test.counter");
        assert_eq!(server.call("GET", &format!("{path}/count"), Value::Null).await.body, json!(3));
        let asked = server.call("GET", &format!("{path}/echo?a=b%20c"), Value::Null).await;
        assert_eq!(asked.body, json!({ "a": "b c" }));
        let asked = server.call("POST", &format!("{path}/echo"), json!({ "a": [1] })).await;
        assert_eq!(asked.body, json!({ "a": [1] }));
        assert_eq!(server.call("GET", &format!("{path}/nothing"), Value::Null).await.status, 404);
    }
    let refuse = json!({ "domain": "test", "name": "refuse" });
    let refused = server.call("POST", &by_pico, refuse).await;
    assert_eq!((refused.status, refused.body["fault"]["code"].as_str()), (200, Some("tired")));
    let nothing = server.call("POST", &by_eci, json!({ "domain": "no", "name": "one" })).await;
    assert_eq!((nothing.status, nothing.body["fired"].as_i64()), (200, Some(0)));
}

#[tokio::test]
async fn the_description_is_openapi_and_the_page_is_ours() {
    let server = server(Some(TOKEN)).await;
    let host = "host: x\r\n";
    let description = server.raw("GET", "/v1/openapi.json", host, "").await.body;
    assert!(description["openapi"].as_str().unwrap().starts_with("3."), "{description}");
    let mut ids = HashSet::new();
    for operation in operations() {
        let method = operation.method.as_str().to_lowercase();
        let described = &description["paths"][operation.path][&method];
        assert_eq!(described["operationId"], operation.id);
        assert!(ids.insert(operation.id), "{} twice", operation.id);
        assert!(!operation.tag.is_empty() && !operation.summary.is_empty());
        let names = described["parameters"].as_array().map_or(0, Vec::len);
        let wanted = operation.path_parameters().count()
            + operation.query.iter().filter(|query| query.name != "*").count();
        assert_eq!(names, wanted, "{}", operation.id);
    }
    let tags = description["tags"].as_array().unwrap();
    let names: HashSet<&str> = tags.iter().filter_map(|tag| tag["name"].as_str()).collect();
    assert_eq!(names.len(), tags.len(), "each family once");
    let text = description.to_string();
    let schemas = description["components"]["schemas"].as_object().unwrap();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name} is not described");
    }
    for part in ["/v1/docs", "/v1/docs/page.js", "/v1/docs/page.css"] {
        let answer = server.raw("GET", part, host, "").await;
        assert_eq!(answer.status, 200);
        assert!(answer.head.contains("default-src 'none'"), "{}", answer.head);
    }
}

#[tokio::test]
async fn the_stream_tells_what_happens_and_ends_at_the_stop() {
    let server = server(None).await;
    let (pico, eci) = server.pico().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let request =
        format!("GET /v1/picos/{pico}/stream HTTP/1.1\r\nhost: {}\r\n\r\n", server.address);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut told = String::new();
    let mut buffer = [0; 4096];
    while !told.contains("listening") {
        let size =
            timeout(Duration::from_secs(5), stream.read(&mut buffer)).await.unwrap().unwrap();
        told.push_str(&String::from_utf8_lossy(&buffer[..size]));
    }
    assert!(told.contains("content-type: text/event-stream"), "{told}");
    server.call("POST", "/v1/picos", json!({ "name": "another" })).await;
    server.call("POST", &format!("/v1/channels/{eci}/events"), count(json!({ "step": 42 }))).await;
    while !told.contains("\"name\":\"count\"") {
        let size =
            timeout(Duration::from_secs(5), stream.read(&mut buffer)).await.unwrap().unwrap();
        told.push_str(&String::from_utf8_lossy(&buffer[..size]));
    }
    assert!(told.contains("event:happening"), "{told}");
    assert!(!told.contains("create_children") && !told.contains("42"), "{told}");
    server.api.stop.cancel();
    let mut rest = vec![];
    timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await.unwrap().unwrap();
}

#[tokio::test]
async fn schedules_and_the_outbox_are_shown() {
    let server = server(None).await;
    let (pico, _) = server.pico().await;
    let all = format!("/v1/picos/{pico}/schedules");
    let new = json!({ "domain": "test", "name": "count", "every_seconds": 3600 });
    let made = server.call("POST", &all, new).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.body["id"].as_str().unwrap();
    let listed = server.call("GET", &all, Value::Null).await.body;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(server.call("DELETE", &format!("{all}/{id}"), Value::Null).await.status, 204);
    assert_eq!(server.call("DELETE", &format!("{all}/{id}"), Value::Null).await.status, 404);
    let neither = json!({ "domain": "test", "name": "count" });
    assert_eq!(server.call("POST", &all, neither).await.status, 400);
    for list in ["outbox", "dead-letters"] {
        let listed = server.call("GET", &format!("/v1/picos/{pico}/{list}"), Value::Null).await;
        assert_eq!((listed.status, &listed.body["items"]), (200, &json!([])));
    }
    let letter = format!("/v1/picos/{pico}/dead-letters/x");
    assert_eq!(server.call("POST", &format!("{letter}/redrive"), Value::Null).await.status, 404);
    assert_eq!(server.call("DELETE", &letter, Value::Null).await.status, 404);
}
