//! The HTTP interface of pico-engine 1.4, as programs written for it see it (decisions 11 to 13).

#![allow(clippy::unwrap_used, clippy::panic)]

use picomesh_agent::config::{Config, PageScripts};
use picomesh_agent::running::Running;
use picomesh_pico::{Fault, Native, PicoId, Registry, Rid};
use picomesh_tests::peer::{Peer, text_v2, texts};
use picomesh_tests::{Engine, Home, TestAgent, on_both_engines};
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

const TOKEN: &str = "an-operator-token-that-is-long-enough-0123456789";
const MESSAGE: &str = "dido/didcommv2_message";

/// What rulesets written for pico-engine do at its doors.
fn ruleset() -> Native {
    Native::new(Rid::literal("test.raw"), "Shows what came in.")
        .rule("go", "raw", "go", |context, event| {
            let mut attrs = event.attrs.clone();
            attrs.shift_remove("_headers");
            context.directive("went", json!({ "attrs": attrs, "at": event.at }));
            Ok(())
        })
        .rule("heads", "raw", "heads", |context, event| {
            context.directive("heads", event.attrs["_headers"].clone());
            Ok(())
        })
        .rule("cookie", "raw", "cookie", |context, _| {
            context.directive("_cookie", json!({ "cookie": "a=b; Path=/" }));
            context.directive("_cookie", json!({ "cookie": "c=d" }));
            Ok(())
        })
        .rule("redirect", "raw", "redirect", |context, event| {
            let to = event.text("to").unwrap_or("/there?x=\u{e9} y");
            context.directive("_redirect", json!({ "url": to }));
            Ok(())
        })
        .rule("bad", "raw", "bad", |_, _| Err(Fault::type_error("x is not a function")))
        .query("hello", |_, args| {
            let name = args.get("name").and_then(Value::as_str).unwrap_or("World");
            Ok(json!(format!("Hello {name}")))
        })
        .query("page", |_, _| Ok(json!("<p onclick=\"go()\">hi \u{e9}<script>go()</script>")))
        .query("number", |_, _| Ok(json!(42.0)))
        .query("map", |_, _| Ok(json!({ "b": 1.5, "a": [1, null, 1e21] })))
        .query("nothing", |_, _| Ok(Value::Null))
        .query("fails", |_, _| Err(Fault::thrown("no")))
}

struct World {
    agent: TestAgent,
    client: reqwest::Client,
    pico: PicoId,
    eci: String,
    _home: Home,
}

struct Reply {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Reply {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl World {
    async fn start(engine: Engine) -> Self {
        Self::start_with(engine, |_| ()).await
    }

    async fn start_with(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let home = Home::new(engine).await;
        let mut config = home.config();
        change(&mut config);
        let more = |registry: Registry| registry.with_standard(ruleset());
        let agent = TestAgent { running: Running::start_with(&config, more).await.unwrap() };
        let pico = agent.create_pico("bob").await;
        let made = agent.directive(
            &pico,
            ("pico", "create_channel"),
            json!({
                "tags": ["raw"],
                "event_policy": { "allow": [{ "domain": "*", "name": "*" }],
                                  "deny": [{ "domain": "raw", "name": "secret" }] },
                "query_policy": { "allow": [{ "rid": "test.raw", "name": "*" },
                                            { "rid": "test.nope", "name": "*" }], "deny": [] },
            }),
            "channel",
        );
        let eci = made.await["eci"].as_str().unwrap().to_owned();
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { agent, client, pico, eci, _home: home }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let path = path.replace("ECI", &self.eci);
        self.client.request(method, format!("http://{}{path}", self.agent.address))
    }

    async fn send(&self, request: RequestBuilder) -> Reply {
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Reply { status, headers, body: answer.text().await.unwrap() }
    }

    async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    /// Posts a body of a media type; what came back.
    async fn post(&self, path: &str, media_type: &str, body: impl Into<reqwest::Body>) -> Reply {
        let request = self.request(Method::POST, path).header("content-type", media_type);
        self.send(request.body(body)).await
    }

    /// The attributes that the rule saw.
    async fn attrs(&self, path: &str, media_type: &str, body: &str) -> String {
        let reply = self.post(path, media_type, body.to_owned()).await;
        let answer: Value = serde_json::from_str(&reply.body).unwrap();
        answer["directives"][0]["options"]["attrs"].to_string()
    }

    async fn raises(&self, path: &str, error: &str) {
        let reply = self.get(path).await;
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.body, json!({ "error": error }).to_string(), "{path}");
    }
}

on_both_engines!(events_are_answered_as_known, engine => {
    let world = World::start(engine).await;
    let reply = world.get("/c/ECI/event/raw/go?x=1").await;
    let id: String = serde_json::from_str(&reply.body).unwrap();
    assert!(reply.body.len() > 20);
    assert_eq!(reply.body, json!(id).to_string());
    let reply = world.get("/c/ECI/event-wait/raw/go?x=1&x=2&y[z]=3&__proto__=1").await;
    let answer: Value = serde_json::from_str(&reply.body).unwrap();
    let eid = answer["eid"].as_str().unwrap();
    assert_eq!(reply.body, format!(
        "{{\"eid\":\"{eid}\",\"directives\":[{{\"type\":\"directive\",\"name\":\"went\",\"options\":\
         {{\"attrs\":{{\"x\":[\"1\",\"2\"],\"y\":{{\"z\":\"3\"}}}},\"at\":null}},\"meta\":\
         {{\"rid\":\"test.raw\",\"rule_name\":\"go\",\"txnId\":\"{eid}\"}}}}]}}"
    ));
    assert_eq!(reply.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(reply.header("content-length"), reply.body.len().to_string());
    assert_eq!(reply.header("access-control-allow-origin"), "*");
    assert_eq!(reply.header("referrer-policy"), "same-origin");
    // An event that no rule takes.
    let reply = world.get("/C/ECI/Event-Wait/raw/noth%20ing/").await;
    assert!(reply.body.ends_with("\",\"directives\":[]}"), "{}", reply.body);
    let put = world.send(world.request(Method::PUT, "/c/ECI/event-wait/raw/go")).await;
    assert!(put.body.contains("\"went\""));
    world.agent.stop().await;
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_overlay_the_query_string() {
    let world = World::start(Engine::Sqlite).await;
    let go = "/c/ECI/event-wait/raw/go";
    let json = "application/json";
    let cases = [
        (
            "?x=9&q=2",
            json,
            "{\"x\":{\"a\":[1,null]},\"n\":null}",
            "{\"x\":{\"a\":[1,null]},\"q\":\"2\",\"n\":null}",
        ),
        ("", json, "[1,2]", "{\"0\":1,\"1\":2}"),
        ("", "application/octet-stream", "{\"a\":1}", "{\"a\":1}"),
        (
            "",
            "application/x-www-form-urlencoded",
            "a=1&a=2&b[c]=3&d=%C3%A9+x",
            "{\"a\":[\"1\",\"2\"],\"b[c]\":\"3\",\"d\":\"\u{e9} x\"}",
        ),
        ("?q=1", "text/plain", "hello", "{\"q\":\"1\"}"),
    ];
    for (query, media_type, body, expected) in cases {
        assert_eq!(world.attrs(&format!("{go}{query}"), media_type, body).await, expected);
    }
    let cases = [
        (json, "{\"a\":".to_owned(), "SyntaxError: Unexpected end of JSON input"),
        (json, "5".into(), "SyntaxError: Unexpected token '5', \"5\" is not valid JSON"),
        (
            json,
            format!("\"{}\"", "x".repeat(102_400)),
            "PayloadTooLargeError: request entity too large",
        ),
        (json, " ".repeat(3_000_000), "PayloadTooLargeError: request entity too large"),
        (
            "application/json; charset=latin1",
            "{}".into(),
            "UnsupportedMediaTypeError: unsupported charset \"LATIN1\"",
        ),
    ];
    for (media_type, body, error) in cases {
        let reply = world.post(go, media_type, body).await;
        assert_eq!((reply.status, reply.body), (200, json!({ "error": error }).to_string()));
    }
    let request = world.request(Method::GET, "/c/ECI/event-wait/raw/heads").header("X-One", "1");
    let heads: Value = serde_json::from_str(&world.send(request).await.body).unwrap();
    assert_eq!(heads["directives"][0]["options"]["x-one"], "1");
    world.agent.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sky_events_set_cookies_and_redirect() {
    let world = World::start(Engine::Sqlite).await;
    let went = world.attrs("/sky/event/ECI/eid7/raw/go?a=1", "text/plain", "").await;
    assert_eq!(went, "{\"a\":\"1\",\"__eid\":\"eid7\"}");
    assert_eq!(world.attrs("/sky/event/ECI/none/raw/go", "text/plain", "").await, "{}");
    let reply = world.get("/sky/event/ECI/none/raw/cookie").await;
    let cookies: Vec<_> = reply.headers.get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=b; Path=/", "c=d"]);
    assert!(reply.body.contains("\"_cookie\""));
    let reply = world.get("/sky/event/ECI/none/raw/redirect").await;
    assert_eq!((reply.status, reply.header("location")), (302, "/there?x=%C3%A9%20y"));
    assert_eq!(reply.body, "Found. Redirecting to /there?x=%C3%A9%20y");
    assert_eq!((reply.header("vary"), reply.header("etag")), ("Accept", ""));
    assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
    let request = world.request(Method::GET, "/sky/event/ECI/none/raw/redirect?to=http://h/<a>");
    let reply = world.send(request.header("accept", "text/html,*/*;q=0.8")).await;
    assert_eq!(reply.body, "<p>Found. Redirecting to http://h/%3Ca%3E</p>");
    let reply = world.get("/c/ECI/event-wait/raw/redirect").await;
    assert_eq!((reply.status, reply.header("location")), (200, ""), "for sky alone");
    world.agent.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queries_are_answered_as_known() {
    let world = World::start(Engine::Sqlite).await;
    let json = "application/json; charset=utf-8";
    let invalid = "TypeError [ERR_INVALID_ARG_TYPE]: The \"chunk\" argument must be of type string \
                   or an instance of Buffer or Uint8Array. Received";
    let error = |text: &str| json!({ "error": text }).to_string();
    let html = "text/html; charset=utf-8";
    let cases = [
        ("hello?name=J", json, "\"Hello J\"".to_owned()),
        ("hello.json", json, "\"Hello World\"".into()),
        ("number", json, "42".into()),
        ("map", json, "{\"b\":1.5,\"a\":[1,null,1e+21]}".into()),
        // A ruleset in Rust says null where KRL would say nothing.
        ("nothing", json, "null".into()),
        ("hello.txt", "text/plain; charset=utf-8", "Hello World".into()),
        ("hello.html.x", html, "Hello World".into()),
        ("nothing.html", html, String::new()),
        ("number.html", html, error(&format!("{invalid} type number (42)"))),
        (
            "map.txt",
            "text/plain; charset=utf-8",
            error(&format!("{invalid} an instance of Object")),
        ),
        ("fails", json, error("Error: no")),
    ];
    for (query, media_type, body) in cases {
        for path in ["/c/ECI/query/test.raw/", "/sky/cloud/ECI/test.raw/"] {
            let reply = world.get(&format!("{path}{query}")).await;
            assert_eq!((reply.status, reply.body.as_str()), (200, body.as_str()), "{query}");
            assert_eq!(reply.header("content-type"), media_type, "{query}");
        }
    }
    let asked = world.get("/c/ECI/event/raw/go/query/test.raw/hello?name=Q").await;
    assert_eq!(asked.body, "\"Hello Q\"");
    let reply = world.get("/c/ECI/query/test.raw/hello?name=J").await;
    assert_eq!(reply.header("etag"), "W/\"9-ddDwKIpRCc4nOcCj/xbAyh37Rtw\"");
    let request = world.request(Method::GET, "/c/ECI/query/test.raw/hello?name=J");
    let again = world.send(request.header("if-none-match", reply.header("etag"))).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    let head = world.send(world.request(Method::HEAD, "/c/ECI/query/test.raw/hello?name=J")).await;
    assert_eq!((head.status, head.header("content-length")), (200, "9"));
    world.agent.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_have_the_known_texts() {
    let world = World::start(Engine::Sqlite).await;
    let missing = "Error: ECI not found nosuch";
    for path in ["/c/nosuch/event/raw/go", "/c/nosuch/event-wait/raw/go", "/sky/cloud/nosuch/a/b"] {
        world.raises(path, missing).await;
    }
    world.raises("/c/no%20such/query/a/b", "Error: ECI not found no such").await;
    world.raises("/c/ECI/event-wait/raw/%20", "Error: missing event.name").await;
    world.raises("/c/ECI/event/raw/secret", "Error: Denied by channel policy").await;
    world
        .raises("/c/ECI/query/picomesh.pico/channels", "Error: Not allowed by channel policy")
        .await;
    let nope = "Error: Pico doesn't have test.nope installed.";
    world.raises("/c/ECI/query/test.nope/x", nope).await;
    let nope = "Error: Ruleset test.raw does not have query function \"nope\"";
    world.raises("/c/ECI/query/test.raw/nope", nope).await;
    world.raises("/c/ECI/event-wait/raw/bad", "TypeError: x is not a function").await;
    assert!(world.get("/c/ECI/event/raw/bad").await.body.starts_with('"'), "taken, then failed");
    let broken = world.get("/c/nosuch/event-wait/raw/%E0%A4%A").await;
    let path = "/c/nosuch/event-wait/raw/%E0%A4%A";
    let text = format!("URIError: Failed to decode param '{path}'");
    assert_eq!(broken.body, json!({ "error": text }).to_string());
    let reply = world.get("/c/zzz/%3Cb%3E?x=1").await;
    assert_eq!(reply.status, 404);
    assert!(reply.body.contains("<pre>Cannot GET /c/zzz/%3Cb%3E</pre>"), "{}", reply.body);
    let reply = world.send(world.request(Method::OPTIONS, "/sky/event/x")).await;
    assert_eq!((reply.status, reply.header("allow")), (200, "POST, GET, OPTIONS"));
    assert_eq!(reply.header("access-control-allow-methods"), "POST, GET, OPTIONS");
    world.agent.stop().await;
}

// Issue part 5: the page's own scripts run, those that come in later do not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_runs_its_own_scripts() {
    let world = World::start(Engine::Sqlite).await;
    let page = world.get("/c/ECI/query/test.raw/page.html").await;
    let policy = page.header("content-security-policy");
    // sha256 of `go()`, in the handler and in the script.
    let hash = "'sha256-5KYv+PUboo5h+0+YAtGRPbwv5d/QxzHslP4YGnUaxRw='";
    assert!(policy.contains(&format!("script-src 'self' 'unsafe-hashes' {hash};")), "{policy}");
    assert!(policy.contains("frame-ancestors 'self'"), "{policy}");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    world.agent.stop().await;
    let world = World::start_with(Engine::Sqlite, |config| {
        config.page_scripts = PageScripts::Any;
    });
    let world = world.await;
    let page = world.get("/c/ECI/query/test.raw/page.html").await;
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self' 'unsafe-inline';"), "{policy}");
    world.agent.stop().await;
}

// Row 82, as the operator decides it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_by_get_can_be_refused() {
    let world = World::start_with(Engine::Sqlite, |config| config.compat_get_events = false).await;
    for path in [
        "/c/ECI/event/raw/go",
        "/c/ECI/event-wait/raw/go",
        "/sky/event/ECI/1/raw/go",
        "/c/ECI/event/raw/go/query/test.raw/hello",
    ] {
        let reply = world.get(path).await;
        assert_eq!((reply.status, reply.header("allow")), (405, "POST"), "{path}");
        assert_eq!(world.post(path, "application/json", "").await.status, 200, "{path}");
    }
    assert_eq!(world.get("/c/ECI/query/test.raw/hello").await.body, "\"Hello World\"");
    world.agent.stop().await;
}

// Decision 12: the root pico is for this machine or the operator.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_root_is_not_named_to_everybody() {
    let world = World::start(Engine::Sqlite).await;
    let refused = json!({ "error": "Error: only the operator may do this" }).to_string();
    for path in ["/api/ui-context", "/api/flush?url=file:///etc/passwd"] {
        for (name, value) in [
            ("host", "evil.example"),
            ("origin", "http://evil.example"),
            ("sec-fetch-site", "cross-site"),
            ("x-forwarded-for", "1.2.3.4"),
        ] {
            let reply = world.send(world.request(Method::GET, path).header(name, value)).await;
            assert_eq!((reply.status, &reply.body), (200, &refused), "{path} {name}");
        }
    }
    world.raises("/api/flush", "TypeError: Expected `url`").await;
    world.raises("/api/flush?url=a&url=b", "TypeError: Expected `url`").await;
    world.raises("/api/flush?url=zzz", "TypeError: Only absolute URLs are supported").await;
    let nowhere = "Error: ENOENT: no such file or directory, open '/nowhere/a.krl'";
    world.raises("/api/flush?url=file:///nowhere/a.krl", nowhere).await;
    assert_eq!(world.send(world.request(Method::POST, "/api/ui-context")).await.status, 404);
    world.agent.stop().await;
    let world = World::start_with(Engine::Sqlite, |config| {
        config.operator_token = Some(TOKEN.into());
    });
    let world = world.await;
    assert_eq!(world.get("/api/ui-context").await.body, refused);
    let heads =
        |token: &str| world.request(Method::GET, "/c/ECI/event-wait/raw/heads").bearer_auth(token);
    assert!(!world.send(heads(TOKEN)).await.body.contains("authorization"), "not for rulesets");
    assert!(world.send(heads("other")).await.body.contains("\"authorization\":\"Bearer other\""));
    world.agent.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn test_mode_sets_the_time_of_an_event() {
    let at = async |is_test_mode: bool, time: &str| {
        let world =
            World::start_with(Engine::Sqlite, |config| config.test_mode = is_test_mode).await;
        let request = world.request(Method::POST, "/c/ECI/event-wait/raw/go");
        let reply = world.send(request.header("x-pico-test-time", time)).await;
        world.agent.stop().await;
        let answer: Value = serde_json::from_str(&reply.body).unwrap();
        answer.get("error").unwrap_or(&answer["directives"][0]["options"]["at"]).clone()
    };
    assert_eq!(at(true, "86400000").await, 86_400_000);
    assert_eq!(at(false, "86400000").await, Value::Null);
    assert_eq!(at(true, "soon").await, "Error: x-pico-test-time must be unix milliseconds");
}

// DIDs that pico-engine makes have such an endpoint; decision 12: a plaintext never acts.
on_both_engines!(envelopes_are_taken_on_the_known_path, engine => {
    let world = World::start(engine).await;
    let peer = Peer::new().await;
    let link = peer.connect_v2(&world.agent, &world.pico).await;
    let pack = |text: &str| peer.pack_v2(&link.theirs, &text_v2(text));
    let encrypted = "application/didcomm-encrypted+json";
    for path in [format!("/sky/event/ECI/none/{MESSAGE}"), format!("/c/ECI/event-wait/{MESSAGE}")] {
        let reply = world.post(&path, encrypted, pack("as DIDComm says")).await;
        assert_eq!((reply.status, reply.body.as_str()), (202, ""));
        let reply = world.post(&path, "application/json", pack("as pico-engine does")).await;
        assert_eq!(reply.status, 200);
        assert!(reply.body.ends_with("\"directives\":[]}"), "{}", reply.body);
    }
    assert_eq!(texts(&world.agent, &world.pico).await.len(), 4);
    let plain = text_v2("in the clear").to_string();
    for media_type in ["application/didcomm-plain+json", "application/json"] {
        world.post(&format!("/c/ECI/event-wait/{MESSAGE}"), media_type, plain.clone()).await;
    }
    let unknown = world.post(&format!("/c/nosuch/event/{MESSAGE}"), encrypted, pack("no")).await;
    assert_eq!(unknown.body, json!({ "error": "Error: ECI not found nosuch" }).to_string());
    assert_eq!(texts(&world.agent, &world.pico).await.len(), 4, "nothing else acted");
    world.agent.stop().await;
});
