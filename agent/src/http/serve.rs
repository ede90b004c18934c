//! Takes connections and guards them: our own accept loop over hyper's HTTP/1 connection.
//!
//! Why not `warp::serve`: it has no deadline for headers and takes cleartext HTTP/2. Here: a
//! deadline for each of header, body and answer, a bound on headers and connections, a Host header
//! demanded (RFC 9112 §3.2), no proxying, one meaning for the length of a body, and a stop that
//! lets requests finish.
//!
//! Absent on purpose: TLS, HTTP/2 and upgrades.

use super::Problem;
use super::body::{Slow, Timed};
use super::bytes_seen::BytesSeen;
use super::io::Io;
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use warp::Reply;
use warp::http::header::{ALLOW, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use warp::http::{HeaderValue, Method, Request, StatusCode, Version};
use warp::reply::Response;

/// Headers of one request.
pub const HEADERS_MAX: usize = 64;
/// Bytes of one head, and of the read buffer.
pub const HEADER_BYTES_MAX: usize = 16 * 1024;
/// The least rate at which a body comes and an answer is taken.
pub const RATE_BYTES_PER_SECOND_MIN: u64 = 1000;
/// Pause after an accept that failed, e.g. for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Connections that the system keeps for us until we take them.
const BACKLOG: u32 = 1024;

/// Names the methods that a path takes, for the Allow header of a 405.
pub type Allow = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// How long we wait for a peer.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For a complete head; also how long an idle connection is kept.
    pub header: Duration,
    /// For a complete body.
    pub body: Duration,
    /// Before a body must come at [`RATE_BYTES_PER_SECOND_MIN`].
    pub body_grace: Duration,
    /// In each such time the peer must take its answer at [`RATE_BYTES_PER_SECOND_MIN`].
    pub write: Duration,
    /// For the requests in work at a stop.
    pub drain: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            header: Duration::from_secs(5),
            body: Duration::from_secs(30),
            body_grace: Duration::from_secs(5),
            write: Duration::from_secs(30),
            drain: Duration::from_secs(20),
        }
    }
}

/// How to serve.
#[derive(Clone)]
pub struct Options {
    /// Connections at one time; one more is answered 503.
    pub connections_max: usize,
    /// Names the methods that a path takes.
    pub allow: Allow,
    /// Cancelled when the server is to stop; event streams should end with it too.
    pub stop: CancellationToken,
    /// How long we wait for a peer.
    pub timeouts: Timeouts,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("connections_max", &self.connections_max)
            .finish_non_exhaustive()
    }
}

/// Binds a listener; a restart may take the address of the process before at once.
///
/// # Errors
/// When the address is taken or not ours.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves `service` (a `warp::service` through `TowerToHyperService`) until `options.stop`.
///
/// At the stop idle connections close, new requests are answered 503, and those in work have
/// [`Timeouts::drain`]. Returns when they are done.
pub async fn serve<S>(listener: TcpListener, service: S, options: Options)
where
    S: Service<Request<Timed>, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S: Sync,
    S::Future: Send,
{
    let permits = Arc::new(Semaphore::new(options.connections_max));
    let tracker = TaskTracker::new();
    let accept = async {
        loop {
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else {
                metrics::counter!("http_connections_refused_total").increment(1);
                refuse(&stream);
                continue;
            };
            let work = connection(stream, service.clone(), options.clone());
            let work = async move {
                work.await;
                drop(permit);
            };
            // At the stop, only those who came before are waited for.
            if options.stop.is_cancelled() {
                tokio::spawn(work);
            } else {
                tracker.spawn(work);
            }
        }
    };
    let drained = async {
        options.stop.cancelled().await;
        tracker.close();
        if tokio::time::timeout(options.timeouts.drain, tracker.wait()).await.is_err() {
            tracing::warn!(connections = tracker.len(), "stopped before all answers were given");
        }
    };
    tokio::select! {
        () = accept => {}
        () = drained => {}
    }
}

/// Says 503 without a connection of hyper's; the socket's buffer is empty, so it takes it all.
fn refuse(stream: &TcpStream) {
    let answer = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\n\
                   connection: close\r\ncontent-length: 0\r\n\r\n";
    if let Err(error) = stream.try_write(answer) {
        tracing::debug!(%error, "a refused connection was gone");
    }
}

async fn connection<S>(stream: TcpStream, service: S, options: Options)
where
    S: Service<Request<Timed>, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S: Sync,
    S::Future: Send,
{
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "nodelay");
    }
    let peer = stream.peer_addr().ok();
    let seen = BytesSeen::default();
    let io = TokioIo::new(Io::new(stream, seen.clone(), options.timeouts.write));
    let stop = options.stop.clone();
    let header_timeout = options.timeouts.header;
    let service = service_fn(move |request: Request<Incoming>| {
        answer(request, peer, service.clone(), options.clone(), seen.clone())
    });
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .max_headers(HEADERS_MAX)
        .max_header_size(HEADER_BYTES_MAX)
        .max_buf_size(HEADER_BYTES_MAX)
        .half_close(false);
    let mut connection = pin!(builder.serve_connection(io, service));
    let result = if stop.is_cancelled() {
        // It came late: its request is answered 503 and the connection ends.
        connection.await
    } else {
        tokio::select! {
            result = connection.as_mut() => result,
            () = stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn answer<S>(
    request: Request<Incoming>,
    peer: Option<SocketAddr>,
    service: S,
    options: Options,
    seen: BytesSeen,
) -> Result<Response, Infallible>
where
    S: Service<Request<Timed>, Response = Response, Error = Infallible>,
{
    if let Some(problem) = refusal(&request, &options, &seen) {
        return Ok(problem.closing().into_response());
    }
    let began = Instant::now();
    let is_head = request.method() == Method::HEAD;
    let path = request.uri().path().to_owned();
    let slow = Slow::default();
    let mut request = request.map(|body| Timed::new(body, options.timeouts, slow.clone()));
    request.extensions_mut().insert(slow);
    if let Some(peer) = peer {
        request.extensions_mut().insert(Peer(peer));
    }
    let mut response = service.call(request).await?;
    if response.status() == StatusCode::METHOD_NOT_ALLOWED
        && !response.headers().contains_key(ALLOW)
    {
        let allow = (options.allow)(&path).and_then(|allow| HeaderValue::from_str(&allow).ok());
        response.headers_mut().extend(allow.map(|allow| (ALLOW, allow)));
    }
    let status = response.status().as_u16().to_string();
    metrics::counter!("http_requests_total", "status" => status).increment(1);
    metrics::histogram!("http_request_duration_seconds").record(began.elapsed());
    if is_head {
        *response.body_mut() = Default::default();
    }
    Ok(response)
}

/// The address of the peer, as an extension of the request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// What no door should have to look at.
fn refusal(request: &Request<Incoming>, options: &Options, seen: &BytesSeen) -> Option<Problem> {
    if options.stop.is_cancelled() {
        return Some(Problem::unavailable("the server is stopping"));
    }
    let headers = request.headers();
    // RFC 9112 §3.2: exactly one Host.
    if headers.get_all(HOST).iter().count() != 1 {
        return Some(Problem::bad_request("exactly one Host header is needed"));
    }
    // RFC 9112 §3.2.2: absolute-form is for proxies, and we are none.
    if request.uri().authority().is_some() || !request.uri().path().starts_with('/') {
        return Some(Problem::bad_request("the request target must be a path"));
    }
    // One name for one thing: warp would take `/x/` for `/x`. pico-engine does too.
    let path = request.uri().path();
    if path.len() > 1 && path.ends_with('/') && !super::compat::is_ours(path) {
        return Some(Problem::not_found());
    }
    if headers.contains_key(TRANSFER_ENCODING)
        && (headers.contains_key(CONTENT_LENGTH)
            || request.version() < Version::HTTP_11
            || seen.has_two_lengths())
    {
        return Some(Problem::bad_request("the body has two lengths"));
    }
    None
}
