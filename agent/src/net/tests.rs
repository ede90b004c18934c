//! T-D18, T-D19, T-D20 of the promises: listeners count who comes.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use picomesh_did_resolver::{Fetch as _, FetchError};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;

const PUBLIC: Policy = Policy { loopback: false, private: false };
const LOOPBACK: Policy = Policy { loopback: true, private: false };

/// Answers every connection with these bytes, again for each request on it; counts connections.
async fn server(answer: String) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let accepts = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&accepts);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                while stream.read(&mut buffer).await.is_ok_and(|size| size > 0) {
                    if stream.write_all(answer.as_bytes()).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    (address, accepts)
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn redirect(to: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n")
}

fn url(text: impl AsRef<str>) -> Url {
    Url::parse(text.as_ref()).unwrap()
}

/// A name service in which `public.example` is 127.0.0.1 and `mixed.example` has two addresses.
fn names() -> Lookup {
    Arc::new(|name| {
        Box::pin(async move {
            let local: IpAddr = "127.0.0.1".parse().unwrap();
            Ok(match name.as_str() {
                "mapped.example" => vec!["::ffff:127.0.0.1".parse().unwrap()],
                "metadata.example" => vec!["169.254.169.254".parse().unwrap()],
                _ => vec![local],
            })
        })
    })
}

#[tokio::test]
async fn a_private_target_is_never_connected_to() {
    let (address, accepts) = server(ok("secret")).await;
    let client = Client::with_lookup(PUBLIC, names()).unwrap();
    let port = address.port();
    let targets = [
        format!("http://127.0.0.1:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://0:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0x7f.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://localhost.:{port}/"),
        format!("http://rebound.example:{port}/"),
        format!("http://mapped.example:{port}/"),
        format!("http://metadata.example:{port}/"),
        format!("http://user@rebound.example:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://[fd00::1]/".to_owned(),
        "http://rebound.example:22/".to_owned(),
    ];
    for target in targets {
        let error = client.get(&url(&target), "*/*").await.unwrap_err();
        assert!(matches!(error, Error::Url(_) | Error::Address), "{target}: {error}");
        let error = client.post(&url(&target), "text/plain", "x".into()).await.unwrap_err();
        assert!(matches!(error, Error::Url(_) | Error::Address), "{target}: {error}");
        assert!(!error.is_transient());
    }
    for target in ["file:///etc/passwd", "gopher://127.0.0.1:70/"] {
        assert!(matches!(client.get(&url(target), "*/*").await, Err(Error::Url(_))));
    }
    assert_eq!(accepts.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_redirect_is_checked_like_the_first_url() {
    let (victim, accepts) = server(ok("secret")).await;
    let client = Client::with_lookup(LOOPBACK, names()).unwrap();
    for target in ["http://10.0.0.1/", "http://metadata.example:8080/", "file:///etc/passwd"] {
        let (address, _) = server(redirect(target)).await;
        let error = client.get(&url(format!("http://{address}/")), "*/*").await.unwrap_err();
        assert!(matches!(error, Error::Url(_) | Error::Address), "{target}: {error}");
    }
    // A message is never redirected.
    let (address, _) = server(redirect(&format!("http://{victim}/"))).await;
    let address = url(format!("http://{address}/"));
    let answer = client.post(&address, "text/plain", "x".into()).await.unwrap();
    assert_eq!((answer.status.as_u16(), accepts.load(Ordering::SeqCst)), (302, 0));
    // A fetch is, where it may go.
    assert_eq!(client.get(&address, "*/*").await.unwrap().body, "secret");
}

#[tokio::test]
async fn redirects_end() {
    let (address, accepts) = server(redirect("/again")).await;
    let client = Client::new(LOOPBACK).unwrap();
    let error = client.get(&url(format!("http://{address}/")), "*/*").await.unwrap_err();
    assert!(matches!(error, Error::TooManyRedirects));
    assert_eq!(accepts.load(Ordering::SeqCst), 1, "one connection, {REDIRECTS_MAX} redirects");
    let (address, _) = server("HTTP/1.1 302 F\r\ncontent-length: 0\r\n\r\n".into()).await;
    let error = client.get(&url(format!("http://{address}/")), "*/*").await.unwrap_err();
    assert!(matches!(error, Error::Redirect));
}

#[tokio::test]
async fn a_huge_or_endless_answer_is_cut() {
    let client = Client::new(LOOPBACK).unwrap();
    let promised = "HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n".to_owned();
    let body = "x".repeat(0x10000);
    let chunk = format!("10000\r\n{body}\r\n");
    let chunked =
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{}", chunk.repeat(40));
    let closing = format!("HTTP/1.1 200 OK\r\n\r\n{}", body.repeat(40));
    for answer in [promised, chunked, closing] {
        let (address, _) = server(answer).await;
        let error = client.fetch(&url(format!("http://{address}/did.json"))).await.unwrap_err();
        assert_eq!(error, FetchError::TooLarge);
    }
}

#[tokio::test]
async fn a_silent_server_costs_one_deadline() {
    let (address, _) = server(String::new()).await;
    let client = Client::new(LOOPBACK).unwrap().with_timeout(Duration::from_millis(200));
    let began = Instant::now();
    let error = client.fetch(&url(format!("http://{address}/"))).await.unwrap_err();
    assert_eq!(error, FetchError::Timeout);
    assert!(began.elapsed() < Duration::from_secs(2));
    // Header and then nothing.
    let (address, _) = server("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n".into()).await;
    let error = client.fetch(&url(format!("http://{address}/"))).await.unwrap_err();
    assert_eq!(error, FetchError::Timeout);
}

#[tokio::test]
async fn a_compressed_answer_stays_compressed() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nbomb";
    let (address, _) = server(answer.into()).await;
    let client = Client::new(LOOPBACK).unwrap();
    assert_eq!(client.fetch(&url(format!("http://{address}/"))).await.unwrap(), b"bomb");
}

#[tokio::test]
async fn connections_are_kept_and_states_told() {
    let (address, accepts) = server(ok("fine")).await;
    let client = Client::new(LOOPBACK).unwrap();
    for _ in 0..50 {
        let target = url(format!("http://{address}/didcomm"));
        let answer = client.post(&target, "text/plain", "hello".into()).await.unwrap();
        assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, &b"fine"[..]));
    }
    assert_eq!(accepts.load(Ordering::SeqCst), 1);
    let (address, _) = server("HTTP/1.1 404 N\r\ncontent-length: 0\r\n\r\n".into()).await;
    let error = client.fetch(&url(format!("http://{address}/"))).await.unwrap_err();
    assert_eq!(error, FetchError::Status(404));
    let error = client.fetch(&url("http://127.0.0.1:1030/")).await.unwrap_err();
    assert!(matches!(error, FetchError::Unreachable(_)) && error.is_transient());
}
