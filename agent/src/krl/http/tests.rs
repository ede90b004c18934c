//! Calls to a server of our own, and what is refused before any call.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use picomesh_did_resolver::address::Policy;
use serde_json::{Map, json};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const LOOPBACK: Policy = Policy { loopback: true, private: false };

/// Answers each request by what it says; `echo` returns the request itself.
async fn server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let request = read_request(&mut stream).await;
                let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
                let answer = answer(&path, &request, address);
                let _ = stream.write_all(answer.as_bytes()).await;
                if path == "/silent" {
                    tokio::time::sleep(Duration::from_secs(60)).await;
                }
            });
        }
    });
    address
}

async fn read_request(stream: &mut tokio::net::TcpStream) -> String {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        match stream.read(&mut buffer).await {
            Ok(size) if size > 0 => request.extend_from_slice(&buffer[..size]),
            _ => return text,
        }
    }
}

fn answer(path: &str, request: &str, address: SocketAddr) -> String {
    let redirect = |status: &str, to: &str| {
        format!("HTTP/1.1 {status}\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n")
    };
    let page = |head: &str, body: &str| {
        format!(
            "HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    match path {
        "/json" => page("200 OK\r\ncontent-type: application/json", r#"{"b":1,"a":[1.5,null]}"#),
        "/odd" => page(
            "299 As You Like\r\nX-B: 1\r\nset-cookie: a=1\r\nSet-Cookie: b=2\r\ncontent-type: text/x",
            "{",
        ),
        "/large" => page("200 OK", &"x".repeat(CONTENT_BYTES_MAX + 1)),
        "/endless" => {
            let chunk = format!("100000\r\n{}\r\n", "x".repeat(1 << 20));
            format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{}", chunk.repeat(7))
        }
        "/moved" => redirect("302 Found", "/echo?moved"),
        "/see-other" => redirect("303 See Other", "/echo"),
        "/kept" => redirect("307 Temporary Redirect", "/echo"),
        "/elsewhere" => redirect("302 Found", &format!("http://localhost:{}/echo", address.port())),
        "/loop" => redirect("302 Found", "/loop"),
        "/inside" => redirect("302 Found", "http://169.254.169.254/latest"),
        "/broken" => redirect("302 Found", "http://["),
        "/silent" => "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf".into(),
        _ => page("200 OK\r\ncontent-type: text/plain", request),
    }
}

fn args(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

async fn call(method: &str, path: &str, more: Value) -> Result<HttpResponse, String> {
    let mut all = args(more);
    all.insert("url".into(), format!("http://{}{path}", server().await).into());
    let request = HttpRequest::from_args(method, &all)?;
    let client = Client::new(LOOPBACK).unwrap();
    match path {
        "/silent" => perform_within(&client, request, Duration::from_millis(200)).await,
        _ => perform(&client, request).await,
    }
}

async fn echo(method: &str, path: &str, more: Value) -> String {
    call(method, path, more).await.unwrap().content.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_request_carries_what_the_arguments_say() {
    let more = json!({
        "qs": {"a": {"b": "x y"}}, "headers": {"X-A": 1, "Content-Length": "9"},
        "auth": {"username": "me", "password": "pw"},
    });
    let request = echo("get", "/echo", more).await;
    assert!(request.starts_with("GET /echo?a%5Bb%5D=x%20y HTTP/1.1\r\n"), "{request}");
    for line in [
        "x-a: 1\r\n",
        "authorization: Basic bWU6cHc=\r\n",
        "user-agent: pico-engine-core-http\r\n",
        "accept: */*\r\n",
    ] {
        assert!(request.contains(line), "{line} in {request}");
    }
    assert!(!request.contains("content-length: 9"), "{request}");
}

#[tokio::test]
async fn bodies_have_their_media_types() {
    for (more, content_type, body) in [
        (json!({"body": "hi", "json": 1}), "text/plain;charset=UTF-8", "hi"),
        (json!({"body": {"a": 1}}), "text/plain;charset=UTF-8", "[Map]"),
        (
            json!({"json": {"a": 1.0, "b": [null, "é"]}}),
            "application/json",
            r#"{"a":1,"b":[null,"é"]}"#,
        ),
        (json!({"form": {"a": [1]}}), "application/x-www-form-urlencoded", "a%5B0%5D=1"),
        (json!({"json": [1], "headers": {"Content-Type": "x/y"}}), "x/y", "[1]"),
    ] {
        let request = echo("POST", "/echo", more).await;
        assert!(request.contains(&format!("content-type: {content_type}\r\n")), "{request}");
        assert!(request.ends_with(&format!("\r\n\r\n{body}")), "{request}");
    }
}

#[tokio::test]
async fn an_answer_is_a_map_in_the_order_of_the_reference() {
    let answer = call("get", "/odd", json!({"parseJSON": true})).await.unwrap();
    let expected = r#"{"content":"{","content_type":"text/x","content_length":1,"headers":{"connection":"close","content-length":"1","content-type":"text/x","set-cookie":"a=1, b=2","x-b":"1"},"status_code":299,"status_line":"As You Like"}"#;
    assert_eq!(Value::Object(answer.into_map()).to_string(), expected);
    let parsed = call("get", "/json", json!({"parseJSON": true})).await.unwrap();
    assert_eq!(parsed.content.to_string(), r#"{"b":1,"a":[1.5,null]}"#);
    assert_eq!(parsed.status_line, "OK");
    let text = call("get", "/json", json!({"parseJSON": "yes"})).await.unwrap();
    assert_eq!(text.content, r#"{"b":1,"a":[1.5,null]}"#);
    let head = call("head", "/json", json!({})).await.unwrap();
    assert_eq!((head.content, head.content_length), (json!(""), 22));
}

#[tokio::test]
async fn redirects_are_followed_unless_the_program_does_not_want_it() {
    let json = json!({"json": {"a": 1}});
    assert!(echo("post", "/moved", json.clone()).await.starts_with("GET /echo?moved "));
    assert!(echo("put", "/moved", json.clone()).await.starts_with("PUT /echo?moved "));
    assert!(echo("put", "/see-other", json.clone()).await.starts_with("GET /echo "));
    let kept = echo("post", "/kept", json).await;
    assert!(kept.starts_with("POST /echo ") && kept.ends_with("{\"a\":1}"), "{kept}");
    let auth = json!({"auth": {"username": "me"}});
    assert!(echo("get", "/moved", auth.clone()).await.contains("authorization: "));
    assert!(!echo("get", "/elsewhere", auth).await.contains("authorization: "));
    let stay = call("get", "/moved", json!({"dontFollowRedirect": true})).await.unwrap();
    assert_eq!(stay.status_code, 302);
    let location = stay.headers["location"].as_str().unwrap();
    assert!(location.starts_with("http://127.0.0.1:") && location.ends_with("/echo?moved"));
}

#[tokio::test]
async fn what_has_no_bounds_or_no_business_is_refused() {
    for (path, text) in [
        ("/large", "FetchError: content size at"),
        ("/endless", "FetchError: content size at"),
        ("/loop", "FetchError: maximum redirect reached at:"),
        (
            "/inside",
            "FetchError: request to http://169.254.169.254/latest failed, reason: URL refused",
        ),
        ("/broken", "FetchError: uri requested responds with an invalid redirect URL: http://["),
    ] {
        let error = call("get", path, json!({})).await.unwrap_err();
        assert!(error.starts_with(text), "{path}: {error}");
    }
    let closed = Client::new(Policy { loopback: false, private: false }).unwrap();
    for url in ["http://127.0.0.1:8080/", "http://localhost:8080/", "http://10.0.0.1/"] {
        let request = HttpRequest::from_args("get", &args(json!({"url": url}))).unwrap();
        let error = perform(&closed, request).await.unwrap_err();
        assert!(error.contains("failed, reason: URL refused"), "{error}");
    }
}

#[tokio::test]
async fn an_answer_that_never_ends_is_given_up() {
    let error = call("get", "/silent", json!({})).await.unwrap_err();
    assert!(error.starts_with("FetchError: network timeout at: http://127.0.0.1:"), "{error}");
}

#[test]
fn wrong_arguments_are_refused_as_in_the_reference() {
    for (method, given, text) in [
        ("get", json!({}), "Error: http:get needs a url string"),
        ("PUT", json!({"url": ""}), "Error: http:put needs a url string"),
        ("get", json!({"url": {}}), "TypeError: http:get was given [Map] instead of a url string"),
        ("get", json!({"url": 7}), "TypeError: http:get was given 7 instead of a url string"),
        ("get", json!({"url": "x/y"}), "TypeError: Only absolute URLs are supported"),
        (
            "get",
            json!({"url": "file:///etc/passwd"}),
            "TypeError: Only absolute URLs are supported",
        ),
        (
            "get",
            json!({"url": "ftp://a.example/"}),
            "TypeError: Only HTTP(S) protocols are supported",
        ),
        ("get", json!({"url": "http://["}), "TypeError: Invalid URL"),
        (
            "get",
            json!({"url": "http://a.example", "json": {}}),
            "TypeError: Request with GET/HEAD method cannot have body",
        ),
        (
            "get",
            json!({"url": "http://a.example", "headers": {"a b": 1}}),
            "TypeError: a b is not a legal HTTP header name",
        ),
        (
            "get",
            json!({"url": "http://a.example", "headers": {"a": "b\nc"}}),
            "TypeError: b\nc is not a legal HTTP header value",
        ),
    ] {
        let error = HttpRequest::from_args(method, &args(given)).unwrap_err();
        assert_eq!(error, text);
    }
}
