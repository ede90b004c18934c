//! What the API refuses, and to whom: bad-inputs rows 77-83 and 87, promises P19.

use super::{TOKEN, count, server};
use crate::http::admin::operations;
use serde_json::{Value, json};

/// bad-inputs row 87.
#[tokio::test]
async fn an_idempotency_key_acts_once() {
    let server = server(None).await;
    let (_, eci) = server.pico().await;
    let path = format!("/v1/channels/{eci}/events");
    let key = "idempotency-key: k1\r\n";
    let (one, nine) = (count(json!({ "step": 1 })).to_string(), count(json!({ "step": 9 })));
    let first = server.text("POST", &path, key, &one).await;
    assert_eq!((first.status, first.body["repeat"].as_bool()), (200, Some(false)));
    let again = server.text("POST", &path, key, &one).await;
    assert_eq!((again.status, again.body["repeat"].as_bool()), (200, Some(true)));
    assert_eq!(server.text("POST", &path, key, &nine.to_string()).await.status, 422);
    let count = format!("/v1/channels/{eci}/queries/test.counter/count");
    assert_eq!(server.call("GET", &count, Value::Null).await.body, json!(1));
    let long = format!("idempotency-key: {}\r\n", "k".repeat(256));
    assert_eq!(server.text("POST", &path, &long, "").await.status, 400);
}

/// bad-inputs row 77.
#[tokio::test]
async fn a_wrong_body_is_told_with_its_place() {
    let server = server(None).await;
    let (pico, eci) = server.pico().await;
    let channels = format!("/v1/picos/{pico}/channels");
    let cases = [
        ("/v1/picos/batch", r#"{"children":[{"name":"a"}],"x":1}"#, "/x"),
        ("/v1/picos/batch", r#"{"children":[{"name":"a"},{"name":7}]}"#, "/children/1/name"),
        ("/v1/picos/batch", r#"{"children":[{"name":"a"},{}]}"#, "/children/1"),
        ("/v1/picos/batch", r#"{"children":[{"name":"a","name":"b"}]}"#, ""),
        ("/v1/picos/batch", r#"{"children":[]}"#, "/children"),
        ("/v1/picos", r#"{}"#, ""),
        (
            &channels,
            r#"{"tags":["a"],"event_policy":{"allow":[{"domain":1}]}}"#,
            "/event_policy/allow/0/domain",
        ),
    ];
    for (path, body, pointer) in cases {
        let answer = server.text("POST", path, "", body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.body);
        assert!(answer.head.contains("application/problem+json"), "{}", answer.head);
        let told = answer.body["pointer"].as_str().unwrap_or_default();
        assert!(told.starts_with(pointer), "{body}: {}", answer.body);
    }
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let event = format!("/v1/channels/{eci}/events");
    for attrs in [
        "{",
        "{} x",
        "[]",
        "\"x\"",
        "{\"a\":1e400}",
        "{\"a\":18446744073709551616}",
        "{\"a\":1,\"a\":2}",
        "\u{1}",
        &format!("{{\"a\":{}}}", "[".repeat(5000)),
    ] {
        let body = format!(r#"{{"domain":"a","name":"b","attrs":{attrs}}}"#);
        assert_eq!(server.text("POST", &event, "", &body).await.status, 400, "{body}");
    }
    for body in ["", "[]", "null", "{} x", r#"["a", "b", {}]"#] {
        assert_eq!(server.text("POST", &event, "", body).await.status, 400, "{body}");
    }
    let body = format!(r#"{{"domain":"a","name":"b","attrs":{{"a":{deep}}}}}"#);
    assert_eq!(server.text("POST", &event, "", &body).await.status, 200);
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(100_000));
    assert_eq!(server.text("POST", &event, "", &large).await.status, 413);
    let host = format!("host: {}\r\ncontent-type: text/plain\r\n", server.address);
    assert_eq!(server.raw("POST", &event, &host, "{}").await.status, 415);
    for name in ["", "a\u{0}b", &"x".repeat(256)] {
        let body = json!({ "name": name });
        assert_eq!(server.call("POST", "/v1/picos", body).await.status, 400, "{name:?}");
    }
}

/// bad-inputs rows 78-80, 82.
#[tokio::test]
async fn a_wrong_path_method_or_page_is_refused() {
    let server = server(None).await;
    let (_, eci) = server.pico().await;
    let not_found = [
        "/v1/",
        "/v1/nothing",
        "/v1/picos/",
        "/v2/picos",
        "/v1/picos/..%2fx",
        "/v1/picos/%00",
        "/v1/picos/'%20OR%201=1",
        "/v1/picos/no-such-pico",
        "/v1/picos/%ff",
        "/v1//picos",
        "/v1/picos/no-such-pico/outbox",
        "/v1/picos/no-such-pico/stream",
        "/v1/picos/no-such-pico/channels",
    ];
    for path in not_found {
        let answer = server.call("GET", path, Value::Null).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.body);
    }
    let long = format!("/v1/picos/{}", "x".repeat(10_000));
    assert_eq!(server.call("GET", &long, Value::Null).await.status, 404);
    let event = format!("/v1/channels/{eci}/events");
    let cases = [
        ("GET", event.as_str(), "POST"),
        ("DELETE", "/v1/picos", "GET, POST"),
        ("POST", "/v1/picos/root", "GET, PATCH, DELETE"),
        ("OPTIONS", "/v1/picos", "GET, POST"),
        ("POST", "/v1/docs", "GET, HEAD"),
        ("PUT", "/v1/openapi.json", "GET, HEAD"),
    ];
    for (method, path, allow) in cases {
        let answer = server.call(method, path, Value::Null).await;
        assert_eq!(answer.status, 405, "{method} {path}");
        assert!(answer.head.contains(&format!("allow: {allow}\r\n")), "{}", answer.head);
    }
    for query in [
        "limit=1000000000",
        "limit=0",
        "limit=-1",
        "limit=x",
        "after=%27%3B--",
        "after=a%00",
        "x=1",
        "limit=1&limit=2",
        &format!("after={}", "a".repeat(300)),
    ] {
        let answer = server.call("GET", &format!("/v1/picos?{query}"), Value::Null).await;
        assert_eq!(answer.status, 400, "{query}");
    }
}

/// promises P19 and bad-inputs rows 81 and 83, for every operation there is.
#[tokio::test]
async fn nobody_but_the_operator_does_anything() {
    let with_token = server(Some(TOKEN)).await;
    let without = server(None).await;
    let strangers = [
        (&with_token, "host: 127.0.0.1\r\n", 401),
        (&with_token, "host: 127.0.0.1\r\nauthorization: Bearer 0123456789abcdeX\r\n", 401),
        (&with_token, "host: 127.0.0.1\r\nauthorization: Basic eDp5\r\n", 401),
        (&without, "host: rebound.example\r\n", 403),
        (&without, "host: 127.0.0.1\r\norigin: http://evil.example\r\n", 403),
        (&without, "host: 127.0.0.1\r\nsec-fetch-site: cross-site\r\n", 403),
        (&without, "host: 127.0.0.1\r\nx-forwarded-for: 192.0.2.1\r\n", 403),
    ];
    for operation in operations() {
        let path = operation.path.replace("{pico}", "root").replace(['{', '}'], "");
        for (server, headers, status) in strangers {
            let answer = server.raw(operation.method.as_str(), &path, headers, "{}").await;
            assert_eq!(answer.status, status, "{} {path} {headers}", operation.method);
        }
    }
    let unknown = with_token.raw("GET", "/v1/nothing", "host: x\r\n", "").await;
    assert_eq!(unknown.status, 401, "a stranger does not learn what there is");
    assert_eq!(with_token.call("GET", "/v1/picos", Value::Null).await.status, 200);
}
