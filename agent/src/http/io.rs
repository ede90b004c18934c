//! A TCP stream that gives up on a peer who does not read.
//!
//! While bytes wait to be written, the peer must take them at [`RATE_BYTES_PER_SECOND_MIN`],
//! looked at once in each timeout; a stream that has nothing to write (an event stream) may idle for ever.

use super::bytes_seen::BytesSeen;
use super::serve::RATE_BYTES_PER_SECOND_MIN;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

#[derive(Debug)]
pub(super) struct Io {
    stream: TcpStream,
    seen: BytesSeen,
    timeout: Duration,
    /// Set while bytes wait: when patience ends, and what was taken since it began.
    blocked: Option<(Pin<Box<Sleep>>, u64)>,
}

impl Io {
    pub(super) fn new(stream: TcpStream, seen: BytesSeen, timeout: Duration) -> Self {
        Self { stream, seen, timeout, blocked: None }
    }

    fn progress(
        &mut self,
        cx: &mut Context<'_>,
        result: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match result {
            Poll::Ready(Ok(count)) => {
                self.seen.wrote();
                if let Some((_, taken)) = &mut self.blocked {
                    *taken += count as u64;
                }
                Poll::Ready(Ok(count))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                ready!(self.poll_patience(cx))?;
                Poll::Pending
            }
        }
    }

    /// Pending while there is patience, an error when it ended.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let timeout = self.timeout;
        let deadline = || Instant::now() + timeout;
        let bytes_min = RATE_BYTES_PER_SECOND_MIN * timeout.as_secs().max(1);
        let (sleep, taken) =
            self.blocked.get_or_insert_with(|| (Box::pin(sleep_until(deadline())), 0));
        loop {
            ready!(sleep.as_mut().poll(cx));
            if *taken < bytes_min {
                return Poll::Ready(Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    "the peer does not read its answer",
                )));
            }
            *taken = 0;
            sleep.as_mut().reset(deadline());
        }
    }
}

impl AsyncRead for Io {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        self.seen.read(buffer.filled().get(before..).unwrap_or_default());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Io {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.progress(cx, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.progress(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// hyper flushes once its buffer is empty: nothing waits any more.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.blocked = None;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
