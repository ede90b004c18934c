//! Reading a request: how fast it must come and how large it may be.
//!
//! A body has [`Timeouts::body`] in all and must come with at least
//! [`RATE_BYTES_PER_SECOND_MIN`] after [`Timeouts::body_grace`]. Its size is counted while it is
//! read: `Content-Length` is only a promise, and a chunked body makes none.
//!
//! Absent on purpose: decompression. A body is taken as it came.

use super::Problem;
use super::serve::{RATE_BYTES_PER_SECOND_MIN, Timeouts};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};
use warp::{Filter, Rejection};

/// Why a body ended early.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It came too slowly.
    #[error("the body came too slowly")]
    TooSlow,
    /// The connection broke, or the bytes are not a body.
    #[error(transparent)]
    Broken(#[from] hyper::Error),
}

/// A request body with a clock.
#[derive(Debug)]
pub struct Timed {
    inner: Incoming,
    timeouts: Timeouts,
    started: Instant,
    received: u64,
    sleep: Option<Pin<Box<Sleep>>>,
    is_slow: Slow,
}

/// Whether the body of this request came too slowly; goes with the request as an extension, as
/// warp hides the error of a body.
#[derive(Clone, Debug, Default)]
pub struct Slow(Arc<AtomicBool>);

impl Timed {
    pub(super) fn new(inner: Incoming, timeouts: Timeouts, is_slow: Slow) -> Self {
        Self { inner, timeouts, started: Instant::now(), received: 0, sleep: None, is_slow }
    }

    fn deadline(&self) -> Instant {
        let earned = Duration::from_millis(self.received * 1000 / RATE_BYTES_PER_SECOND_MIN);
        self.started + self.timeouts.body.min(self.timeouts.body_grace + earned)
    }
}

impl Body for Timed {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match Pin::new(&mut self.inner).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                let size = frame.data_ref().map_or(0, Bytes::len);
                self.received = self.received.saturating_add(size as u64);
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                let deadline = self.deadline();
                let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
                if sleep.deadline() != deadline {
                    sleep.as_mut().reset(deadline);
                }
                if sleep.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                self.is_slow.0.store(true, Ordering::Relaxed);
                Poll::Ready(Some(Err(Error::TooSlow)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// A filter that reads the whole body, at most `bytes_max`; chunked or with a length.
///
/// Rejects with a [`Problem`]: 413 when it is too large, 408 when it comes too slowly, 400 when it
/// breaks off. Each ends the connection, as the rest of the body is still in it.
pub fn body_limited(
    bytes_max: usize,
) -> impl Filter<Extract = (Bytes,), Error = Rejection> + Clone {
    warp::header::optional::<u64>("content-length")
        .and(warp::ext::optional::<Slow>())
        .and(warp::body::stream())
        .and_then(move |length: Option<u64>, slow: Option<Slow>, body| async move {
            if length.is_some_and(|length| length > bytes_max as u64) {
                return Err(warp::reject::custom(Problem::too_large(bytes_max)));
            }
            collect(body, length, bytes_max, slow.unwrap_or_default())
                .await
                .map_err(warp::reject::custom)
        })
}

async fn collect<B: bytes::Buf>(
    body: impl futures::Stream<Item = Result<B, warp::Error>>,
    length: Option<u64>,
    bytes_max: usize,
    slow: Slow,
) -> Result<Bytes, Problem> {
    let mut body = std::pin::pin!(body);
    let mut collected = Collected::Nothing;
    // Room for what was promised, but not before some of it came.
    let promised = usize::try_from(length.unwrap_or(0)).unwrap_or(bytes_max).min(bytes_max);
    while let Some(chunk) = body.next().await {
        let mut chunk = match chunk {
            Ok(chunk) => chunk,
            Err(_) if slow.0.load(Ordering::Relaxed) => return Err(Problem::too_slow()),
            Err(_) => return Err(Problem::bad_request("the body broke off").closing()),
        };
        let size = chunk.remaining();
        if collected.len().saturating_add(size) > bytes_max {
            return Err(Problem::too_large(bytes_max));
        }
        // Cheap: the chunk is `Bytes` already.
        collected = collected.push(chunk.copy_to_bytes(size), promised);
    }
    Ok(collected.into_bytes())
}

/// Most bodies come in one piece and need no copy.
enum Collected {
    Nothing,
    One(Bytes),
    Many(BytesMut),
}

impl Collected {
    fn len(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::One(bytes) => bytes.len(),
            Self::Many(bytes) => bytes.len(),
        }
    }

    fn push(self, chunk: Bytes, promised: usize) -> Self {
        match self {
            Self::Nothing => Self::One(chunk),
            Self::One(first) => {
                let mut bytes = BytesMut::with_capacity(promised.max(first.len() + chunk.len()));
                bytes.extend_from_slice(&first);
                bytes.extend_from_slice(&chunk);
                Self::Many(bytes)
            }
            Self::Many(mut bytes) => {
                bytes.extend_from_slice(&chunk);
                Self::Many(bytes)
            }
        }
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Self::Nothing => Bytes::new(),
            Self::One(bytes) => bytes,
            Self::Many(bytes) => bytes.freeze(),
        }
    }
}
