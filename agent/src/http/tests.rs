//! Hostile requests over raw TCP: bad-inputs rows 2, 78, 85, 86; promises P16, P20.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::admin::Guard;
use super::problem::recover;
use super::serve::{Options, Timeouts, bind, serve};
use super::{body_limited, health};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use warp::Filter as _;

const BODY_BYTES_MAX: usize = 100;

struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

fn server() -> Server {
    server_with(100, Timeouts::default())
}

fn server_with(connections_max: usize, timeouts: Timeouts) -> Server {
    let echo = warp::path!("echo")
        .and(warp::post())
        .and(body_limited(BODY_BYTES_MAX))
        .map(|body: bytes::Bytes| format!("{}:{}", body.len(), String::from_utf8_lossy(&body)));
    let large = warp::path!("large").map(|| "x".repeat(64 * 1024 * 1024));
    let slow = warp::path!("slow").then(|| async {
        sleep(Duration::from_millis(500)).await;
        "done"
    });
    let ready = Arc::new(|| Err("starting".to_owned()));
    let doors = echo
        .or(large)
        .or(slow)
        .or(health::health(ready, crate::telemetry::metrics(), Guard::new(None)))
        .recover(recover);
    let stop = CancellationToken::new();
    let options = Options {
        connections_max,
        allow: Arc::new(|path| (path == "/echo").then(|| "POST".to_owned())),
        stop: stop.clone(),
        timeouts,
    };
    let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let service = TowerToHyperService::new(warp::service(doors));
    let task = tokio::spawn(serve(listener, service, options));
    Server { address, stop, task }
}

impl Server {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends bytes and reads until the server closes; at most 10 s.
    async fn send(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        stream.write_all(bytes.as_ref()).await.unwrap();
        read_to_end(&mut stream).await
    }
}

/// Reads until the peer closes (or resets) the connection.
async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let reading = async {
        let mut buffer = vec![0; 65536];
        while let Ok(size) = stream.read(&mut buffer).await {
            if size == 0 {
                break;
            }
            answer.extend_from_slice(&buffer[..size]);
        }
    };
    timeout(Duration::from_secs(10), reading).await.expect("the server closes the connection");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_good_request_is_answered_and_the_connection_kept() {
    let server = server();
    let one = "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi";
    let two = "POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\
               connection: close\r\n\r\n2\r\nhi\r\n3\r\nyou\r\n0\r\n\r\n";
    let mut stream = server.connect().await;
    stream.write_all(one.as_bytes()).await.unwrap();
    let mut buffer = [0; 4096];
    let size = stream.read(&mut buffer).await.unwrap();
    assert!(String::from_utf8_lossy(&buffer[..size]).ends_with("2:hi"));
    stream.write_all(two.as_bytes()).await.unwrap();
    let answer = read_to_end(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("5:hiyou"), "{answer}");
}

#[tokio::test]
async fn a_malformed_request_is_refused_and_the_connection_closed() {
    let server = server();
    let many = (0..65).map(|number| format!("h{number}: x\r\n")).collect::<String>();
    let long = format!("h: {}\r\n", "x".repeat(17_000));
    let cases = [
        ("no host", "GET /health/live HTTP/1.1\r\n\r\n".to_owned(), "400"),
        ("no host in 1.0", "GET /health/live HTTP/1.0\r\n\r\n".into(), "400"),
        ("two hosts", "GET /health/live HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n".into(), "400"),
        (
            "length, then encoding",
            "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\
             transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
                .into(),
            "400",
        ),
        (
            "encoding, then length",
            "POST /echo HTTP/1.1\r\nhost: x\r\nTransfer-Encoding: chunked\r\n\
             Content-Length: 2\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
                .into(),
            "400",
        ),
        (
            "two lengths",
            "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nhi"
                .into(),
            "400",
        ),
        (
            "length +2",
            "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: +2\r\n\r\nhi".into(),
            "400",
        ),
        (
            "unknown encoding",
            "POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n\r\nhi".into(),
            "400",
        ),
        ("absolute form", "GET http://x/health/live HTTP/1.1\r\nhost: x\r\n\r\n".into(), "400"),
        ("asterisk form", "OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n".into(), "400"),
        ("tunnel", "CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n".into(), "400"),
        ("folded", "GET / HTTP/1.1\r\nhost: x\r\na: b\r\n c\r\n\r\n".into(), "400"),
        ("too many headers", format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n"), "431"),
        ("too long a head", format!("GET / HTTP/1.1\r\nhost: x\r\n{long}\r\n"), "431"),
        ("not HTTP", "\u{16}\u{3}\u{1}hello\r\n\r\n".into(), "400"),
    ];
    for (name, request, status) in cases {
        let answer = server.send(request).await;
        assert_eq!(answer.get(..12).map(|line| &line[9..]), Some(status), "{name}: {answer}");
    }
    // Cleartext HTTP/2 is not spoken.
    let answer = server.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
}

#[tokio::test]
async fn a_large_body_is_413_and_the_connection_closed() {
    let server = server();
    let head = "POST /echo HTTP/1.1\r\nhost: x\r\n";
    let body = "x".repeat(BODY_BYTES_MAX + 1);
    let promised = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    let only_promised = format!("{head}content-length: 99999999999\r\n\r\n");
    let chunked =
        format!("{head}transfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    for request in [promised, only_promised, chunked] {
        let answer = server.send(request).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
        assert!(answer.contains("application/problem+json"), "{answer}");
    }
    let exact = "x".repeat(BODY_BYTES_MAX);
    let request =
        format!("{head}connection: close\r\ncontent-length: {BODY_BYTES_MAX}\r\n\r\n{exact}");
    assert!(server.send(request).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn paths_and_methods_are_told_apart() {
    let server = server();
    let end = "HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let answer = server.send(format!("GET /echo {end}")).await;
    assert!(answer.starts_with("HTTP/1.1 405") && answer.contains("allow: POST\r\n"), "{answer}");
    for path in ["/nothing", "/echo/", "/echo/x", "/%00", "/../etc"] {
        let answer = server.send(format!("GET {path} {end}")).await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        assert!(answer.contains("urn:picomesh:problem:not-found"), "{answer}");
    }
    let answer = server.send(format!("GET /health/live {end}")).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok\n"), "{answer}");
    let answer = server.send(format!("HEAD /health/live {end}")).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\n"), "{answer}");
    let answer = server.send(format!("GET /health/ready {end}")).await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("retry-after: 1"), "{answer}");
    metrics::counter!("a_test_counter_total").increment(1);
    let answer = server.send(format!("GET /metrics {end}")).await;
    assert!(answer.starts_with("HTTP/1.1 403"), "not under any name: {answer}");
    let end = "HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let answer = server.send(format!("GET /metrics {end}")).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("a_test_counter_total 1"));
    let answer = server.send(format!("POST /metrics {end}")).await;
    assert!(answer.starts_with("HTTP/1.1 405"), "{answer}");
}

#[tokio::test]
async fn a_slow_head_is_cut_after_5_seconds() {
    let server = server();
    for start in ["", "GET / HTTP/1.1\r\nhost: x\r\n"] {
        let began = Instant::now();
        let mut stream = server.connect().await;
        stream.write_all(start.as_bytes()).await.unwrap();
        read_to_end(&mut stream).await;
        let took = began.elapsed().as_secs_f32();
        assert!((4.5..8.0).contains(&took), "{took}");
    }
}

#[tokio::test]
async fn a_slow_body_is_cut() {
    let timeouts = Timeouts {
        body: Duration::from_secs(3),
        body_grace: Duration::from_millis(500),
        ..Timeouts::default()
    };
    let server = server_with(10, timeouts);
    let head = "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 90\r\n\r\n";
    // Silence, and a byte now and then.
    for drip in [false, true] {
        let began = Instant::now();
        let (mut reader, mut writer) = server.connect().await.into_split();
        writer.write_all(head.as_bytes()).await.unwrap();
        let dripping = tokio::spawn(async move {
            while drip && writer.write_all(b"x").await.is_ok() {
                sleep(Duration::from_millis(50)).await;
            }
            writer
        });
        let mut answer = Vec::new();
        timeout(Duration::from_secs(5), reader.read_to_end(&mut answer)).await.unwrap().ok();
        assert!(String::from_utf8_lossy(&answer).starts_with("HTTP/1.1 408"), "{answer:?}");
        let took = began.elapsed().as_secs_f32();
        assert!((0.4..2.0).contains(&took), "{took}");
        dripping.abort();
    }
}

#[tokio::test]
async fn a_slow_reader_is_cut_and_a_fast_one_served() {
    let timeouts = Timeouts { write: Duration::from_secs(1), ..Timeouts::default() };
    let server = server_with(1, timeouts);
    let request = "GET /large HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let answer = server.send(request).await;
    assert!(answer.len() > 64 * 1024 * 1024);
    let mut stream = server.connect().await;
    stream.write_all(request.as_bytes()).await.unwrap();
    // Reads nothing; the only connection is free again after a second.
    sleep(Duration::from_millis(300)).await;
    let end = "HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    assert!(server.send(format!("GET /health/live {end}")).await.starts_with("HTTP/1.1 503"));
    sleep(Duration::from_millis(1500)).await;
    assert!(server.send(format!("GET /health/live {end}")).await.starts_with("HTTP/1.1 200"));
    assert!(read_to_end(&mut stream).await.len() < 64 * 1024 * 1024);
}

#[tokio::test]
async fn a_stop_finishes_what_began_and_refuses_the_rest() {
    let server = server();
    let request = "GET /slow HTTP/1.1\r\nhost: x\r\n\r\n";
    let mut busy = server.connect().await;
    let mut idle = server.connect().await;
    busy.write_all(request.as_bytes()).await.unwrap();
    sleep(Duration::from_millis(100)).await;
    server.stop.cancel();
    assert_eq!(read_to_end(&mut idle).await, "", "an idle connection is closed");
    let late = server.send(request).await;
    assert!(late.starts_with("HTTP/1.1 503") && late.contains("retry-after"), "{late}");
    let answer = read_to_end(&mut busy).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("done"), "{answer}");
    timeout(Duration::from_secs(2), server.task).await.expect("it stopped").unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}
